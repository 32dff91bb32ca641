"""What no checker looks for in template.yaml: our promises, and rules of AWS that are not written.

Linters and schemas are run on it in tests/integration/aws.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.aws import wiring
from registrywatch.aws import alarms
from registrywatch.errors import SettingsError
from registrywatch.rules import CATALOGUE
from registrywatch.settings import parse
from registrywatch.settings.destinations import every_place, variables_of
from registrywatch.settings.variables import (
    CONFIG,
    GENERAL,
    every_variable,
    rule_variables,
)
from tests.aws.templates import FORWARDER, MAIN, ROOT, Json, load, resources
from tests.aws.test_rights import statements
from tests.builders.cases import for_each

CODE = "".join(path.read_text() for path in (ROOT / "functions/aws").glob("*.py"))
FUNCTIONS = resources("AWS::Serverless::Function")
QUEUES = resources("AWS::SQS::Queue")
ALARMS = resources("AWS::CloudWatch::Alarm")
PARAMETERS: Json = load()["Parameters"]
ENVIRONMENT: Json = load()["Globals"]["Function"]["Environment"]["Variables"]
SECRETS = {
    parameter
    for variable in variables_of(every_place())
    if variable.secret
    for parameter in [ENVIRONMENT[variable.name]["Fn::If"][1]["Ref"]]
}


def pollers() -> Iterator[tuple[str, Json, Json]]:
    """Each event source mapping: its function's name and properties, and its own."""
    for mapping in resources("AWS::Lambda::EventSourceMapping").values():
        _, _, function = mapping["FunctionName"]["Fn::If"]
        yield function["Ref"], FUNCTIONS[function["Ref"]], mapping


def queue_of(mapping: Json) -> str:
    name: str = mapping["EventSourceArn"]["Fn::GetAtt"][0]
    return name


def number(value: Any) -> int:
    """A number as written; of a parameter the greatest that it may be."""
    return int(PARAMETERS[value["Ref"]]["MaxValue"] if isinstance(value, dict) else value)


def metrics(alarm: Json) -> Iterator[Json]:
    """The metrics that an alarm is about."""
    if "Metrics" not in alarm:
        yield alarm
    for each in alarm.get("Metrics", ()):
        if "MetricStat" in each:
            yield each["MetricStat"]["Metric"]


def alarms_on(metric: str, dimension: str, path: Path = MAIN) -> set[str]:
    """The resources that some alarm on this metric is about."""
    found = set()
    for alarm in resources("AWS::CloudWatch::Alarm", path).values():
        for watched in metrics(alarm):
            [first, *_] = watched["Dimensions"]
            if (watched["MetricName"], first["Name"]) == (metric, dimension):
                found.add(first["Value"].get("Ref") or first["Value"]["Fn::GetAtt"][0])
    return found


def target(rule: str) -> Json:
    """The one target of a rule."""
    [found] = resources("AWS::Events::Rule")[rule]["Targets"]
    return dict(found)


DETECTING = ("ChangesFunction", "TrafficFunction")
WORKING = {*DETECTING, "DeliveryFunction", "CheckFunction"}
"""The functions that something invokes while registrywatch runs."""


# Queues and functions


def test_more_than_ten_messages_at_once_need_a_batching_window() -> None:
    """AWS refuses the deploy otherwise, and no linter knows it."""
    for name, _, mapping in pollers():
        if mapping["BatchSize"] > 10:
            window = PARAMETERS[mapping["MaximumBatchingWindowInSeconds"]["Ref"]]
            assert window["MinValue"] >= 1, name


def test_a_message_stays_hidden_for_six_times_the_function_s_timeout() -> None:
    for name, function, mapping in pollers():
        least = 6 * function["Timeout"] + number(mapping.get("MaximumBatchingWindowInSeconds", 0))
        assert QUEUES[queue_of(mapping)]["VisibilityTimeout"] >= least, name


def test_the_messages_of_a_batch_fail_one_by_one() -> None:
    for name, _, mapping in pollers():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_what_is_polled_has_a_dead_letter_queue() -> None:
    for name, _, mapping in pollers():
        redrive = QUEUES[queue_of(mapping)]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in QUEUES, name


def test_nothing_expires_on_a_queue_before_fourteen_days() -> None:
    assert {queue["MessageRetentionPeriod"] for queue in QUEUES.values()} == {14 * 86_400}


def test_both_ways_in_which_a_change_can_fail_end_in_the_same_queue() -> None:
    invoke = resources("AWS::Lambda::EventInvokeConfig")["ChangesFunctionEventInvokeConfig"]
    by_lambda = invoke["DestinationConfig"]["OnFailure"]["Destination"]
    by_eventbridge = target("ChangesFunctionChanges")["DeadLetterConfig"]["Arn"]
    assert by_lambda == by_eventbridge == {"Fn::GetAtt": ["ChangesRetryQueue", "Arn"]}
    mapping = resources("AWS::Lambda::EventSourceMapping")["ChangesFunctionRetry"]
    assert mapping["EventSourceArn"] == by_eventbridge


def test_the_retry_queue_is_patient_for_days_and_no_longer_than_a_window_is_remembered() -> None:
    """What fails comes again after 5 s, doubled to the function's longest wait."""
    receives = QUEUES["ChangesRetryQueue"]["RedrivePolicy"]["maxReceiveCount"]
    days = sum(min(5 * 2**n, wiring.LONGEST_WAIT["changes"]) for n in range(receives)) / 86_400
    assert 3 < days < wiring.RETENTION_SECONDS / 86_400


def test_a_failed_message_of_each_queue_waits_no_longer_than_its_visibility_timeout() -> None:
    for queue, longest, hours in (
        ("TrafficQueue", wiring.LONGEST_WAIT["traffic"], 5),
        ("AlertQueue", wiring.LONGEST_WAIT["deliver"], 6),
    ):
        assert longest == QUEUES[queue]["VisibilityTimeout"]
        receives = QUEUES[queue]["RedrivePolicy"]["maxReceiveCount"]
        assert sum(min(5 * 2**n, longest) for n in range(receives)) > hours * 3600


def test_delivery_may_wait_by_sending_to_its_own_queue() -> None:
    """Lambda stops such a loop after 16 rounds otherwise, and delivery needs up to 38."""
    assert FUNCTIONS["DeliveryFunction"]["RecursiveLoop"] == "Allow"
    assert alarms_on("RecursiveInvocationsDropped", "FunctionName") == {"DeliveryFunction"}


def test_no_function_gets_settings_that_the_new_code_has_not_checked() -> None:
    for name in WORKING:
        assert load()["Resources"][name]["DependsOn"] == "SettingsCheck"
    check = load()["Resources"]["SettingsCheck"]["Properties"]
    assert check["Code"] == {"Ref": "Library"}
    given = {each["Ref"] for each in check["Settings"]}
    in_environment = {
        value["Fn::If"][1]["Ref"]
        for value in ENVIRONMENT.values()
        if isinstance(value, dict) and isinstance(value.get("Fn::If", [0, 0])[1], dict)
    }
    assert given == in_environment | {"SettingsParameter", "SettingsVersion"}


def asserted(rule: str) -> set[str]:
    """The parameters of which a rule wants one not to be empty."""
    [assertion] = load()["Rules"][rule]["Assertions"]
    either = assertion["Assert"]["Fn::Or"]
    assert len(either) <= 10, "CloudFormation takes no more"
    for each in [each for each in either if "Fn::Or" in each]:
        either = [*(other for other in either if other is not each), *each["Fn::Or"]]
    return {each["Fn::Not"][0]["Fn::Equals"][0]["Ref"] for each in either}


def test_a_deployment_without_a_destination_or_a_receiver_is_refused() -> None:
    first = {
        ENVIRONMENT[place.first.name]["Fn::If"][1]["Ref"]
        for place in every_place()
        if "aws" in place.kind.clouds
    }
    assert asserted("OneDestination") == first | {"Settings", "SettingsParameter"}
    assert asserted("OneReceiver") == {"AlarmEmail", "AlarmTopicArn"}


def test_logs_go_after_a_while() -> None:
    groups = resources("AWS::Logs::LogGroup")
    for name, function in FUNCTIONS.items():
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Log"}
        assert "RetentionInDays" in groups[f"{name}Log"]


# Alarms


def test_every_dead_letter_queue_has_an_alarm() -> None:
    dead = {name for name in QUEUES if name.endswith("DeadLetterQueue")}
    assert len(dead) == 3
    assert alarms_on("ApproximateNumberOfMessagesVisible", "QueueName") == dead


@pytest.mark.parametrize("path", [MAIN, FORWARDER], ids=lambda path: path.name)
def test_a_rule_that_can_reach_neither_target_nor_queue_has_an_alarm(path: Path) -> None:
    """Such events are gone."""
    rules = resources("AWS::Events::Rule", path)
    assert alarms_on("InvocationsFailedToBeSentToDlq", "RuleName", path) == rules.keys()


def test_a_function_whose_failures_can_not_be_kept_has_an_alarm() -> None:
    kept = {
        config["FunctionName"]["Ref"]
        for config in resources("AWS::Lambda::EventInvokeConfig").values()
    }
    assert alarms_on("DestinationDeliveryFailures", "FunctionName") == kept


def test_the_forwarder_s_dead_letters_say_when_they_are_gone() -> None:
    waiting = resources("AWS::CloudWatch::Alarm", FORWARDER)["DeadLettersWaitingAlarm"]
    assert "OKActions" in waiting
    assert waiting["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["DeadLetterQueue", "QueueName"]}


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_alarms(metric: str) -> None:
    assert alarms_on(metric, "FunctionName") == WORKING


def test_every_polled_queue_has_an_alarm_on_its_age() -> None:
    polled = {queue_of(mapping) for _, _, mapping in pollers()}
    assert alarms_on("ApproximateAgeOfOldestMessage", "QueueName") == polled


def test_every_alarm_notifies_somebody_when_it_begins_or_ends() -> None:
    for name, alarm in ALARMS.items():
        begins, ends = "AlarmActions" in alarm, "OKActions" in alarm
        assert begins or ends, name
        assert (begins and ends) or "DeadLetters" in name, name


def test_an_alarm_on_our_own_metrics_names_a_metric_that_a_function_writes() -> None:
    written = set(re.findall(r"(?:count\(|name ?= ?|, )\W*\"?([A-Z]\w+)\b", CODE))
    for name, alarm in ALARMS.items():
        if alarm.get("Namespace") == "registrywatch":
            assert alarm["MetricName"] in written, name
            assert [each["Name"] for each in alarm["Dimensions"]] == ["stack", "service"]


def test_the_stack_s_alarms_reach_the_alert_destinations_too() -> None:
    rule = resources("AWS::Events::Rule")["DeliveryFunctionOwnAlarms"]["EventPattern"]
    assert rule["detail-type"] == [alarms.DETAIL_TYPE]
    assert rule["detail"]["alarmName"] == [{"prefix": {"Fn::Sub": "${AWS::StackName}-"}}]
    assert rule["detail"]["state"] == {"value": ["ALARM", "OK"]}
    assert resources("AWS::Events::Rule")["DeliveryFunctionOwnAlarms"]["State"] == {
        "Fn::If": ["HasAlarmsToDestinations", "ENABLED", "DISABLED"]
    }
    letters = {name for name in ALARMS if "DeadLetters" in name}
    assert all(name.endswith(("DeadLettersAlarm", "DeadLettersWaitingAlarm")) for name in letters)


# Rights


def test_each_function_has_a_role_of_its_own() -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS.values()]
    assert sorted([*roles, "CanaryRole"]) == sorted(resources("AWS::IAM::Role"))


TRACING = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
LOOKING = [
    "cloudtrail:DescribeTrails",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "lambda:GetAccountSettings",
    "ssm:DescribeParameters",
]
"""What the self-check may do anywhere: these list, or know no resources."""
ALARMS_LISTED = "cloudwatch:DescribeAlarms"
"""What CodeDeploy may do anywhere, to see whether a deployment's alarms ring."""


def test_a_role_names_each_resource_and_each_action() -> None:
    for name, role in resources("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
        for statement in statements(role):
            assert statement["Effect"] == "Allow"
            assert "*" not in str(statement["Action"]), name
            named = statement["Resource"]
            assert named != "*" or statement["Action"] in (TRACING, LOOKING, ALARMS_LISTED), name
            assert "NotResource" not in statement, name


def test_queues_take_nothing_from_eventbridge_but_the_rules_that_feed_them() -> None:
    for policy in resources("AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement["Principal"] == {"Service": "events.amazonaws.com"}
                assert "aws:SourceArn" in statement["Condition"]["ArnEquals"]


def test_only_delivery_decrypts_secrets_and_the_others_the_settings_if_there_are_any() -> None:
    """The key of SecretsKmsKeyArn is of no use to them otherwise."""
    key = {"Ref": "SecretsKmsKeyArn"}
    conditions = {
        name: statement["Fn::If"][0]
        for name, role in resources("AWS::IAM::Role").items()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in statement and statement["Fn::If"][1]["Resource"] == key
    }
    assert conditions.pop("DeliveryFunctionRole") == "HasSecretsKmsKey"
    assert conditions.pop("CheckFunctionRole") == "HasCheckKmsKey"  # the heartbeat's address
    assert set(conditions.values()) == {"HasSettingsKmsKey"}
    assert load()["Conditions"]["HasSettingsKmsKey"] == {
        "Fn::And": [{"Condition": "HasSecretsKmsKey"}, {"Condition": "HasSettingsParameter"}]
    }


def test_a_secret_may_be_read_under_its_own_name_only() -> None:
    [reading] = [
        statement
        for statement in statements(resources("AWS::IAM::Role")["DeliveryFunctionRole"])
        if "secretsmanager:GetSecretValue" in statement["Action"]
    ]
    conditions = [either["Fn::If"][0] for either in reading["Resource"]]
    assert sorted(conditions) == sorted(f"Has{secret}" for secret in SECRETS)


# Parameters and settings


def test_a_first_deploy_is_asked_for_nothing() -> None:
    assert [name for name, parameter in PARAMETERS.items() if "Default" not in parameter] == []


def test_every_parameter_is_shown_in_a_group() -> None:
    groups = load()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(PARAMETERS)


def test_every_variable_in_the_environment_is_a_setting() -> None:
    known = {variable.name for variable in every_variable()}
    for function in [{"Environment": {"Variables": ENVIRONMENT}}, *FUNCTIONS.values()]:
        names = function.get("Environment", {}).get("Variables", {})
        assert set(names) - {"STACK_NAME", "DEPLOYMENT"} <= known


def test_every_number_of_a_counted_rule_and_every_general_setting_is_a_parameter() -> None:
    """Of the rules on volume; the numbers of the others are set in the settings parameter."""
    counted = [rule for rule in CATALOGUE if rule.name.startswith("ecr-excessive-")]
    assert len(counted) == 2
    numbers = {
        variable.name
        for rule in counted
        for variable in rule_variables(rule)
        if re.search("_(THRESHOLD|WINDOW_SECONDS|QUIET_SECONDS|COUNT|GROUP_BY)$", variable.name)
    }
    assert len(numbers) == 10
    assert numbers | {variable.name for variable in GENERAL} <= set(ENVIRONMENT)


def test_every_destination_is_a_parameter_with_its_least_severity() -> None:
    wanted = {
        place.variables[suffix].name
        for place in every_place()
        if "aws" in place.kind.clouds
        for suffix in (place.kind.options[0].suffix, "MIN_SEVERITY")
    }
    wanted |= {variable.name for variable in variables_of(every_place()) if variable.secret}
    assert wanted <= set(ENVIRONMENT)


OF_THE_STACK = {
    "REGISTRYWATCH_TABLE",
    "REGISTRYWATCH_ALERT_QUEUE",
    "REGISTRYWATCH_OWN_RESOURCES",
    "STACK_NAME",
    "REGISTRYWATCH_SETTINGS_VERSION",
}


def test_a_parameter_that_is_left_empty_leaves_the_library_s_default() -> None:
    for name, value in ENVIRONMENT.items():
        if name == CONFIG or name in OF_THE_STACK:
            continue
        condition, given, otherwise = value["Fn::If"]
        assert given == {"Ref": condition.removeprefix("Has")}, name
        assert otherwise == {"Ref": "AWS::NoValue"}, name
        assert PARAMETERS[given["Ref"]]["Default"] == ""
        assert load()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [given, ""]}]}, (
            condition
        )


@for_each("secret", sorted(SECRETS))
@for_each(
    ("value", "fits"),
    [
        ("", True),
        ("ssm:/registrywatch/slack", True),
        ("secretsmanager:registrywatch/slack", True),
        ("https://hooks.slack.com/services/T0/B0/x", False),
        ("0123456789abcdef0123456789abcdef", False),
        ("ssm:slack", False),
        ("secretsmanager:", False),
    ],
)
def test_a_secret_is_given_by_name_never_itself(secret: str, value: str, fits: bool) -> None:
    """Whoever may describe the stack sees its parameters."""
    assert bool(re.search(PARAMETERS[secret]["AllowedPattern"], value)) is fits


@for_each(("parameter", "stem"), [("Pull", "PULL"), ("Push", "PUSH")], ids=["pull", "push"])
@for_each(
    ("suffix", "values"),
    [
        ("Threshold", ["0", "1", "9", "10", "99", "100", "999", "1000", "7999", "8000", "8001"]),
        ("Threshold", ["", "-1", "1.5", "many", "9999", "80000"]),
        ("WindowSeconds", ["0", "5", "11", "12", "19", "20", "99", "100", "86399", "86400"]),
        ("WindowSeconds", ["86401", "90000", "99999", "100000", "1e3", "85999", "9999", "10000"]),
        ("QuietSeconds", ["11", "12", "600", "86400", "99999", "864000", "864001", "999999"]),
        ("GroupBy", ["actr", "actor ip", "repo", "actor", "actor,ip", "account, ip", "a", ","]),
        ("Count", ["images", "repositories", "calls", "pulls"]),
    ],
)
def test_the_template_takes_exactly_what_the_library_takes(
    parameter: str, stem: str, suffix: str, values: list[str]
) -> None:
    """What only several settings together tell is SettingsCheck's."""
    declared = PARAMETERS[f"{parameter}{suffix}"]
    name = f"REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_{stem}_{re.sub('(?<=[a-z])(?=[A-Z])', '_', suffix)}"
    for value in values:
        environ = {name.upper(): value} if value else {}
        if suffix == "QuietSeconds":
            environ[name.upper().replace("QUIET", "WINDOW")] = "12"
        if suffix == "WindowSeconds" and value:
            environ[name.upper().replace("WINDOW", "QUIET")] = "864000"
        try:
            parse(environ)
            takes = True
        except SettingsError:
            takes = False
        if "AllowedValues" in declared:
            assert (value in declared["AllowedValues"]) == takes, value
        else:
            assert bool(re.search(declared["AllowedPattern"], value)) == takes, value


@for_each(
    ("name", "given"),
    [
        ("TrustedAccounts", "111122223333, 444455556666"),
        ("TrustedOrgs", "o-a1b2c3d4e5,o-f6g7h8i9j0"),
        ("PullGroupBy", "account, ip"),
        ("PullThreshold", "8000"),
        ("PullWindowSeconds", "86400"),
        ("PullQuietSeconds", "864000"),
        ("Settings", '{"REGISTRYWATCH_FOLD_SECONDS": 0}'),
        ("SettingsParameter", "/registrywatch/settings"),
        ("ProtectedTags", "prod*, v?"),
        ("IgnoreActors", "arn:aws:iam::111122223333:role/a,arn:aws:iam::111122223333:role/b"),
        ("IgnoreRepositories", "test/*"),
        ("HeartbeatUrl", "https://hc.example.com/ping/1"),
        ("HeartbeatUrl", "ssm:/registrywatch/heartbeat"),
        ("HeartbeatUrl", "secretsmanager:registrywatch/heartbeat"),
    ],
)
def test_what_the_library_takes_the_template_takes(name: str, given: str) -> None:
    assert re.search(PARAMETERS[name]["AllowedPattern"], given)
