"""Every variable of the one table: its default, what it accepts, and the error for the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch import settings
from registrywatch.errors import SettingsError
from registrywatch.rules import CATALOGUE
from registrywatch.settings.deployment import TABLE, required
from registrywatch.settings.destinations import every_place
from registrywatch.settings.variables import CONFIG, every_variable
from registrywatch.severity import Severity
from registrywatch.variables import PREFIX, AnyVariable, setting
from tests.builders.azure import registry_id
from tests.builders.cases import for_each

GRADES = "one of informational, low, medium, high, critical"
PULL = "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL"

# By the end of a variable's name: what it accepts, what it refuses, and what the error then says.
ACCEPTED: dict[str, tuple[list[str], list[str], str]] = {
    "_ENABLED": (["true", "false", "TRUE", " False "], ["", "yes", "1", "on", "tru"], "true or"),
    "_SEVERITY": (["low", "HIGH", " critical "], ["", "severe", "info", "3"], GRADES),
    "_IGNORE_ACTORS": (
        [
            "",
            "ci",
            "arn:aws:iam::111122223333:role/ci*, 999988887777",
            ",,a,",
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/a@b.c",
        ],
        ["arn:aws:sts::111122223333:assumed-role/ci/session", "a,arn:aws-cn:sts:::assumed-role/x"],
        "is a session",
    ),
    "_IGNORE_REPOSITORIES": (["", "dev/*", "a,b , c", "*"], [], ""),
    "_THRESHOLD": (
        ["1", "8000", " 50 "],
        ["", "0", "8001", "-1", "1.5", "8,000", "1e3", "0x10", "ten", "٣", "9" * 5000],
        "a whole number from 1 to 8,000",
    ),
    "_COUNT": (
        ["images", "calls", "Calls"],
        ["", "image", "both", "images,calls"],
        "one of images",
    ),
    "_WINDOW_SECONDS": (["12", "600"], ["", "11", "86401", "10m", "600.0"], "from 12 to 86,400"),
    "_QUIET_SECONDS": (["600", "864000"], ["", "11", "864001", "1h"], "from 12 to 864,000"),
    "_GROUP_BY": (
        ["actor", "repository,ip", "Actor, Account", "registry"],
        ["", "user", "actor;ip", "actor,session"],
        "any of actor, repository, registry, account, ip",
    ),
    "_TRUSTED_ACCOUNTS": (
        ["", "111122223333", "111122223333, 999988887777"],
        [
            "1234",
            "1111-2222-3333",
            "arn:aws:iam::111122223333:root",
            "*",
            "１１１１２２２２３３３３",
        ],
        "12 digits",
    ),
    "_TRUSTED_ORGS": (
        ["", "o-a1b2c3d4e5", "o-a1b2c3d4e5,o-zzzzzzzzzz"],
        ["o-short", "a1b2c3d4e5", "o-A1B2C3D4E5", "r-a1b2c3d4e5", "o-*"],
        "o-a1b2c3d4e5",
    ),
    "_LEARNING_DAYS": (["0", "90"], ["", "-1", "91", "7d"], "from 0 to 90"),
    "_MEMORY_DAYS": (["2", "90"], ["", "1", "91"], "from 2 to 90"),
    "_HEARTBEAT_URL": (
        ["https://hc.example.com/ping/1", "ssm:/registrywatch/heartbeat", "secretsmanager:beat"],
        ["", "http://hc.example.com/", "hc.example.com", "https://"],
        "an https address",
    ),
    "_OWN_RESOURCES": (["", "registrywatch-*", "/registrywatch/*, mine"], [], ""),
    "_PROTECTED_TAGS": (["", "*", "v?.*,latest"], [], ""),
    "_WEBHOOK_URL": (
        ["https://hooks.example.com/x", "ssm:/a/b", "secretsmanager:a", "http://localhost:8000/"],
        [
            "",
            "hooks.example.com",
            "http://hooks.example.com/x",
            "http://127.0.0.1.example.com/",
            "ftp://x",
            "https://",
            "ssm:",
            "vault:x",
            "https://[T0SECRET]/",
            "https://[::1",
            "https://x/T0SECRET\nhttps://y/T0SECRET",
            "https://x/T0 SECRET",
        ],
        "ssm:NAME or secretsmanager:NAME",
    ),
    "_PAGERDUTY_URL": (
        ["https://events.eu.pagerduty.com/v2/enqueue", "http://127.0.0.1:8000/"],
        ["", "events.eu.pagerduty.com", "http://events.pagerduty.com/"],
        "an https address",
    ),
    "_ROUTING_KEY": (
        ["0123456789abcdef0123456789ABCDEF", "ssm:name", "secretsmanager:name"],
        ["", "short", "ssm:", "env:KEY", "https://x", "K" * 33],
        "a routing key, 32 letters and digits, ssm:NAME or secretsmanager:NAME",
    ),
    "_WEBHOOK_SECRET": (
        ["s3cr3t-of-sixteen", "ssm:name"],
        ["", "x", "too short", "ssm:", "a:b"],
        "a key of at least 16 characters",
    ),
    "_WEBHOOK_HEADERS": (
        [
            "Authorization: Splunk 1234",
            "DD-API-KEY: a\nX-Other: b",
            '{"Authorization": "GenieKey 1"}',
            "ssm:/registrywatch/headers",
        ],
        ["", "no colon", "Host: x", "{}", '{"a": 1}', "A: \x00", "ssm:", "B\u00e9: x", "A:"],
        "lines of `Name: value`",
    ),
    "_WEBHOOK_FORMAT": (
        ["alert", "OCSF", "opsgenie"],
        ["", "json"],
        "one of alert, ocsf, opsgenie",
    ),
    "_TOPIC_ARN": (
        [
            "arn:aws:sns:eu-west-1:111122223333:alerts",
            "arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts.fifo",
        ],
        ["", "alerts", "arn:aws:sqs:eu-west-1:111122223333:alerts", "arn:aws:sns:::x"],
        "an ARN such as arn:aws:sns:",
    ),
    "_BUS_ARN": (
        ["arn:aws:events:eu-west-1:111122223333:event-bus/security"],
        ["", "default", "arn:aws:events:eu-west-1:111122223333:rule/x"],
        "an ARN such as arn:aws:events:",
    ),
    "_PRODUCT_ARN": (
        ["arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"],
        ["", "default", "arn:aws:securityhub:eu-west-1:111122223333:hub/default"],
        "an ARN such as arn:aws:securityhub:",
    ),
    "_LOG_ANALYTICS_ENDPOINT": (
        ["https://rw-abcd.westeurope-1.ingest.monitor.azure.com", "http://127.0.0.1:8000"],
        ["", "http://rw.ingest.monitor.azure.com", "rw.ingest.monitor.azure.com"],
        "an https address",
    ),
    "_RULE_ID": (
        ["dcr-0123456789abcdef0123456789abcdef"],
        ["", "dcr-1", "/subscriptions/x"],
        "an immutable id, dcr- and 32",
    ),
    "_STREAM": (["Custom-Registrywatch_CL"], ["", "Registrywatch_CL"], "a custom stream"),
    "_RUNBOOK_URL": (
        ["https://wiki.example/registry/rules.md"],
        ["", "http://wiki.example", "https://wiki.example/#x", "https://a b", "https://a|b>"],
        "an https address without a fragment",
    ),
    "_RULES": (
        ["", "ecr-*", "ecr-images-deleted, acr-*"],
        ["ecr-image-deleted", "acr-*, ECR-images-deleted"],
        "names none",
    ),
    "_ACCOUNTS": (["", "111122223333", "1111*"], [], ""),
    "_REPOSITORIES": (["", "payments/*"], [], ""),
    "_FOLD_SECONDS": (["0", "900"], ["", "-1", "901"], "from 0 to 900"),
    "_GIVE_UP_HOURS": (["1", "168"], ["", "0", "169", "6h"], "from 1 to 168"),
    "_SETTINGS_VERSION": (["7", "since Tuesday"], [""], "a text that is not empty"),
    "_TABLE": (["registrywatch"], [""], "a text that is not empty"),
    "_DEAD_LETTER_QUEUE": (["https://sqs.example.com/q"], [""], "a text that is not empty"),
    "_ALERT_QUEUE": (["alerts"], [""], "a text that is not empty"),
    "_AZURE_REGISTRIES": (
        ["", registry_id(), f"{registry_id('first')}, {registry_id('second').upper()}"],
        [
            "example.azurecr.io",
            "/subscriptions/1",
            f"{registry_id()}/",
            f"{registry_id()},{registry_id().upper()}",
            registry_id("abcd"),
            registry_id("with-dash"),
            registry_id().replace("ContainerRegistry/registries", "Storage/storageAccounts"),
            registry_id().replace("rg-demo", "rg-demo."),
            registry_id().replace("00000000-", "0-"),
            f"{registry_id()}/connectedRegistries/edge1",
        ],
        "Microsoft.ContainerRegistry/registries/NAME",
    ),
    "_AZURE_FEEDS": (["", "/subscriptions/1/x"], ["topic"], "ids of Azure resources"),
    "_AZURE_LOG_DESTINATION": (["/subscriptions/1/x"], [""], "a text that is not empty"),
    "_AZURE_APP": (["/subscriptions/1/x"], [""], "a text that is not empty"),
    "_AZURE_PRINCIPAL": (["00000000-1"], [""], "a text that is not empty"),
    "_AZURE_RESOURCE_MANAGER": (
        ["https://management.usgovcloudapi.net/"],
        ["", "management.azure.com", "http://management.azure.com"],
        "an https address",
    ),
}


def kind(variable: AnyVariable) -> str:
    """The longest end of the variable's name that has an entry in `ACCEPTED`."""
    return max((end for end in ACCEPTED if variable.name.endswith(end)), key=len, default="")


OTHERS = [variable for variable in every_variable() if variable.name != CONFIG]
ONE_OF_EACH_KIND = {kind(variable): variable for variable in OTHERS if kind(variable)}
CASES = [(each, text) for end, each in ONE_OF_EACH_KIND.items() for text in ACCEPTED[end][0]]
REFUSED = [(each, text) for end, each in ONE_OF_EACH_KIND.items() for text in ACCEPTED[end][1]]


def case_id(value: AnyVariable | str) -> str:
    return repr(value[:30]) if isinstance(value, str) else value.name


def companion(variable: AnyVariable) -> dict[str, str]:
    """The setting without which a value of `variable` would be refused."""
    for place in every_place():
        own = {place.variables[option.suffix] for option in place.kind.options}
        if variable in own:
            needed = [option.suffix for option in place.kind.options if option.required]
            others = (place.first, *(place.variables[suffix] for suffix in needed))
            return {each.name: ACCEPTED[kind(each)][0][0] for each in others}
    if variable.name.endswith("_QUIET_SECONDS") and variable.same_as is not None:
        return {variable.same_as: "12"}  # the window, which it must not be less than
    return {}


def refused(**variables: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings.parse({f"{PREFIX}{name}": text for name, text in variables.items()})
    return caught.value


def every_kind_named() -> dict[str, str]:
    """A default of each kind of destination: kinds that no variable names are not read at all."""
    return {place.variables["ACCOUNTS"].name: "" for place in every_place()}


def test_every_variable_has_an_entry_in_accepted() -> None:
    assert [variable.name for variable in OTHERS if not kind(variable)] == []


def test_where_nothing_is_set_there_is_a_value_for_each_that_has_a_default() -> None:
    values = settings.parse(every_kind_named()).values
    for variable in every_variable():
        absent = variable.default is None and variable.same_as is None
        assert (values[variable] is None) == absent, variable.name


def test_every_default_is_a_value_that_could_be_set() -> None:
    environ = {each.name: each.default for each in every_variable() if each.default is not None}
    assert settings.parse(environ).values.read == settings.parse(every_kind_named()).values.read


def test_kinds_of_destinations_that_no_variable_names_are_not_loaded() -> None:
    url = "REGISTRYWATCH_SLACK_WEBHOOK_URL"
    values = settings.parse({url: "ssm:/slack"}).values.read
    assert f"{PREFIX}SLACK_MIN_SEVERITY" in values
    assert not [name for name in values if name.startswith(f"{PREFIX}TEAMS_")]


def test_a_default_taken_from_another_variable_is_that_of_one_earlier_in_the_table() -> None:
    earlier: set[str] = set()
    for variable in every_variable():
        assert variable.same_as is None or variable.same_as in earlier
        earlier.add(variable.name)


def test_a_setting_without_any_default_must_be_declared_optional() -> None:
    with pytest.raises(TypeError, match="REGISTRYWATCH_X: give either a default or same_as"):
        setting("REGISTRYWATCH_X", "general", "a number", int)


def test_names_are_distinct_and_have_the_prefix() -> None:
    names = [each.name for each in every_variable()] + [
        each.also for each in every_variable() if each.also
    ]
    assert len(set(names)) == len(names)
    assert all(name.startswith(PREFIX) for name in names)


@for_each(("variable", "text"), CASES, ids=case_id)
def test_a_value_that_can_be_used_is_accepted(variable: AnyVariable, text: str) -> None:
    parsed = settings.parse({**companion(variable), variable.name: text})
    assert parsed.values[variable] is not None


@for_each(("variable", "text"), REFUSED, ids=case_id)
def test_a_value_that_cannot_be_used_is_named_with_what_is_right(
    variable: AnyVariable, text: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.parse({variable.name: text})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{variable.name}: ")
    assert ACCEPTED[kind(variable)][2] in problem
    if text == "":
        assert "an empty value" in problem
    elif variable.secret:
        assert "(a secret, not shown)" in problem
        assert repr(text) not in problem
        assert "T0SECRET" not in problem
    else:
        assert repr(text) in problem


@for_each("end", ACCEPTED)
def test_variables_of_a_kind_accept_and_refuse_the_same(end: str) -> None:
    good, bad, _ = ACCEPTED[end]
    alike = [variable for variable in OTHERS if kind(variable) == end]
    assert alike, "no variable ends like this"
    for variable in alike:
        for text in good:
            assert variable.read(text.strip()) == alike[0].read(text.strip())
        for text in bad:
            with pytest.raises(ValueError):
                variable.read(text.strip())


@given(st.sampled_from(OTHERS), st.text(max_size=30))
def test_any_text_is_accepted_or_refused_and_a_secret_is_never_shown(
    variable: AnyVariable, text: str
) -> None:
    try:
        settings.parse({variable.name: f"x{text}:PRIVATE"})
    except SettingsError as error:
        assert variable.name in str(error)
        assert not variable.secret or "PRIVATE" not in str(error)


def test_what_is_printed_of_the_settings_holds_no_secret() -> None:
    parsed = settings.parse({"REGISTRYWATCH_SLACK_WEBHOOK_URL": "https://x.test/T0SECRET"})
    assert "T0SECRET" not in f"{parsed!r} {parsed}"


def test_all_mistakes_are_reported_at_once() -> None:
    error = refused(TRUSTED_ACCOUNTS="1", TYPO="x", ECR_IMAGES_DELETED_ENABLED="maybe")
    assert len(error.problems) == 3
    assert str(error).count("\n") == 2


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("IGNORE_ACTOR", "REGISTRYWATCH_IGNORE_ACTORS"),
        ("SLACK_WEBHOOK", "REGISTRYWATCH_SLACK_WEBHOOK_URL"),
        ("ECR_EXCESSIVE_IMAGE_PULLS_THRESHOLD", f"{PULL}_THRESHOLD"),
        ("ECR_IMAGES_DELETED_ENABLE", "REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED"),
        ("ecr_images_deleted_ENABLED", "REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED"),
    ],
)
def test_a_variable_that_nothing_reads_is_a_typo(typo: str, meant: str) -> None:
    (problem,) = refused(**{typo: "T0SECRET"}).problems
    assert problem.startswith(f"REGISTRYWATCH_{typo} is not a setting of registrywatch")
    assert meant in problem
    assert "T0SECRET" not in problem


def test_rules_that_do_not_count_have_no_threshold() -> None:
    assert "is not a setting" in str(refused(ECR_IMAGES_DELETED_THRESHOLD="5"))


def test_other_variables_of_the_environment_are_ignored() -> None:
    others = {"PATH": "/bin", "registrywatch_table": "x", "X_REGISTRYWATCH_TYPO": "y"}
    assert settings.parse(others) == settings.parse({})


def test_a_rules_settings_become_its_tuning_and_no_other_rules() -> None:
    parsed = settings.parse(
        {
            f"{PULL}_ENABLED": "false",
            f"{PULL}_SEVERITY": "critical",
            f"{PULL}_THRESHOLD": "7",
            f"{PULL}_COUNT": "calls",
            f"{PULL}_WINDOW_SECONDS": "60",
            f"{PULL}_GROUP_BY": "repository, ip,ip",
        }
    )
    tuning = parsed.tunings["ecr-excessive-image-pull"]
    numbers = tuning.counting
    assert numbers is not None
    assert (tuning.enabled, tuning.severity) == (False, Severity.CRITICAL)
    assert (numbers.threshold, numbers.count, numbers.window_seconds) == (7, "calls", 60)
    assert numbers.group_by == ("repository", "ip")
    untouched = settings.parse({}).tunings
    assert {name for name in untouched if untouched[name] != parsed.tunings[name]} == {
        "ecr-excessive-image-pull"
    }


def test_the_defaults_are_those_that_the_rules_start_with() -> None:
    for rule in CATALOGUE:
        tuning = settings.parse({}).tunings[rule.name]
        assert (tuning.enabled, tuning.severity) == (True, None)
        if rule.counting is None:
            assert tuning.counting is None
            continue
        assert tuning.counting is not None
        counting, window = rule.counting, rule.counting.window_seconds
        assert tuning.counting.threshold == counting.threshold
        assert (tuning.counting.window_seconds, tuning.counting.quiet_seconds) == (window, window)
        assert tuning.counting.count == counting.counts[0]
        assert tuning.counting.group_by == counting.group_by


def quiet_seconds(**variables: str) -> int:
    given = {f"{PULL}_{name}": text for name, text in variables.items()}
    counting = settings.parse(given).tunings["ecr-excessive-image-pull"].counting
    assert counting is not None
    return counting.quiet_seconds


def test_the_quiet_period_is_the_window_unless_it_is_set() -> None:
    assert quiet_seconds(WINDOW_SECONDS="3600") == 3600
    assert quiet_seconds(QUIET_SECONDS="7200") == 7200


def test_a_bad_window_is_one_mistake_not_two() -> None:
    (problem,) = refused(ECR_EXCESSIVE_IMAGE_PULL_WINDOW_SECONDS="11").problems
    assert problem.startswith(f"{PULL}_WINDOW_SECONDS: '11'")


def test_a_quiet_period_below_the_window_is_refused() -> None:
    names = {"ECR_EXCESSIVE_IMAGE_PULL_QUIET_SECONDS": "599"}
    (problem,) = refused(**names).problems
    assert problem == (
        f"{PULL}_QUIET_SECONDS: '599' can't be used; it must not be less than the window, "
        f"{PULL}_WINDOW_SECONDS=600"
    )


def test_ignore_lists_of_a_rule_are_added_to_the_general_ones() -> None:
    parsed = settings.parse(
        {
            "REGISTRYWATCH_IGNORE_ACTORS": "ci",
            "REGISTRYWATCH_IGNORE_REPOSITORIES": "cache/*",
            f"{PULL}_IGNORE_ACTORS": "mirror, ci",
            f"{PULL}_IGNORE_REPOSITORIES": "base",
        }
    )
    pull, other = (parsed.tunings[n] for n in ("ecr-excessive-image-pull", "ecr-images-deleted"))
    assert pull.ignore_actors.patterns == ("ci", "mirror")
    assert pull.ignore_repositories.patterns == ("cache/*", "base")
    assert other.ignore_actors.patterns == ("ci",)


@pytest.mark.parametrize("name", ["SLACK_MIN_SEVERITY", "SLACK_WEBHOOK_URL_MIN_SEVERITY"])
def test_a_lowest_severity_is_understood_in_both_spellings(name: str) -> None:
    slack = {f"{PREFIX}SLACK_WEBHOOK_URL": "https://x.test/", f"{PREFIX}{name}": "high"}
    (destination,) = settings.parse(slack).destinations
    assert destination.min_severity is Severity.HIGH


def test_learning_and_memory_have_defaults_in_days() -> None:
    parsed = settings.parse({})
    assert (parsed.learning_days, parsed.memory_days) == (7, 30)
    parsed = settings.parse({f"{PREFIX}LEARNING_DAYS": "0", f"{PREFIX}MEMORY_DAYS": "60"})
    assert (parsed.learning_days, parsed.memory_days) == (0, 60)


def test_what_a_deployment_must_set_is_named_where_it_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"^REGISTRYWATCH_TABLE is not set: the table of"):
        required(settings.parse({}).aws.table, TABLE)
    assert required("windows", TABLE) == "windows"


def test_shown_values_are_what_was_set_and_never_a_secret() -> None:
    secret = "https://hooks.example.com/T0SECRET"
    parsed = settings.parse(
        {"REGISTRYWATCH_SLACK_WEBHOOK_URL": secret, f"{PULL}_WINDOW_SECONDS": "900"}
    )
    shown = {variable.name: parsed.shown(variable) for variable in every_variable()}
    assert shown["REGISTRYWATCH_SLACK_WEBHOOK_URL"] == "(set)"
    assert shown["REGISTRYWATCH_TEAMS_WEBHOOK_URL"] == "(not set)"
    assert shown["REGISTRYWATCH_IGNORE_ACTORS"] == "(none)"
    assert shown["REGISTRYWATCH_PROTECTED_TAGS"] == "latest,prod*,release*,stable*,v*"
    assert (shown[f"{PULL}_WINDOW_SECONDS"], shown[f"{PULL}_QUIET_SECONDS"]) == ("900", "900")
    assert "T0SECRET" not in str(shown)
