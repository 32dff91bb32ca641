"""Settings become destinations."""

import pytest

from registrywatch.delivery import Destination, SecretRef, SecretStore
from registrywatch.delivery.sender import resolved_options
from registrywatch.errors import SecretError, SettingsError
from registrywatch.settings import parse
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert


def from_settings(**settings: str) -> tuple[Destination, ...]:
    return parse({f"REGISTRYWATCH_{name}": text for name, text in settings.items()}).destinations


def test_nothing_set_is_no_destination() -> None:
    assert from_settings() == ()


def test_each_has_its_own_lowest_severity_and_pagerduty_starts_at_high() -> None:
    slack, pagerduty, teams, webhook = from_settings(
        SLACK_WEBHOOK_URL="ssm:/registrywatch/slack",
        PAGERDUTY_ROUTING_KEY="secretsmanager:registrywatch/pagerduty",
        TEAMS_WEBHOOK_URL="https://teams.test/hook",
        TEAMS_MIN_SEVERITY="critical",
        WEBHOOK_URL="https://example.test/hook",
    )
    assert slack.options["WEBHOOK_URL"] == SecretRef("ssm:/registrywatch/slack")
    assert pagerduty.options["URL"] == "https://events.pagerduty.com/v2/enqueue"
    assert pagerduty.options["ROUTING_KEY"] == SecretRef("secretsmanager:registrywatch/pagerduty")
    assert "SECRET" not in webhook.options
    assert [to.min_severity for to in (slack, pagerduty, teams, webhook)] == [
        Severity.LOW,
        Severity.HIGH,
        Severity.CRITICAL,
        Severity.LOW,
    ]
    assert {to.fold_seconds for to in (slack, pagerduty, teams, webhook)} == {900}


def test_the_webhook_s_form_and_pagerduty_s_region_can_be_chosen() -> None:
    pagerduty, webhook = from_settings(
        PAGERDUTY_ROUTING_KEY="R" * 32,
        PAGERDUTY_URL="https://events.eu.pagerduty.com/v2/enqueue",
        WEBHOOK_URL="https://example.test/hook",
        WEBHOOK_SECRET="a-signing-key-of-ours",
        WEBHOOK_FORMAT="ocsf",
    )
    assert pagerduty.options["URL"] == "https://events.eu.pagerduty.com/v2/enqueue"
    assert webhook.options["FORMAT"] == "ocsf"
    assert webhook.options["SECRET"] == SecretRef("a-signing-key-of-ours")


def test_folding_is_set_for_all_or_for_one_and_machines_get_each_alert_by_itself() -> None:
    slack, teams, webhook = from_settings(
        FOLD_SECONDS="300",
        SLACK_WEBHOOK_URL="https://slack.test/hook",
        TEAMS_WEBHOOK_URL="https://teams.test/hook",
        TEAMS_FOLD_SECONDS="60",
        WEBHOOK_URL="https://example.test/hook",
        WEBHOOK_FORMAT="ocsf",
    )
    assert [to.fold_seconds for to in (slack, teams, webhook)] == [300, 60, 0]


def test_several_of_a_kind_have_names_and_settings_of_their_own() -> None:
    found = from_settings(
        SLACK_WEBHOOK_URL="https://slack.test/hook",
        SLACK__PAYMENTS__WEBHOOK_URL="https://slack.test/payments",
        SLACK__PAYMENTS__REPOSITORIES="payments/*",
        SLACK__PAYMENTS__MIN_SEVERITY="medium",
        PAGERDUTY__ON_CALL__ROUTING_KEY="R" * 32,
    )
    by_name = {to.name: to for to in found}
    assert sorted(by_name) == ["pagerduty/on-call", "slack", "slack/payments"]
    named = by_name["slack/payments"]
    assert named.min_severity is Severity.MEDIUM
    assert named.wants(an_alert(repository="payments/api"))
    assert not named.wants(an_alert(repository="prod/api"))
    assert not named.wants(an_alert(repository="payments/api", severity=Severity.LOW))


def test_alerts_are_routed_by_rule_account_and_repository() -> None:
    (to,) = from_settings(
        SLACK_WEBHOOK_URL="https://slack.test/hook",
        SLACK_RULES="ecr-images-*, ecr-forced-*",
        SLACK_ACCOUNTS="1111*",
        SLACK_REPOSITORIES="prod/*",
    )
    assert to.wants(an_alert())
    assert not to.wants(an_alert(rule="ecr-repository-created"))
    assert not to.wants(an_alert(account="999988887777"))
    assert not to.wants(an_alert(repository="dev/api"))
    assert to.wants(an_alert(repository=None)), "several repositories: it may concern this one too"


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("WEBHOOK_SECRET", "WEBHOOK_URL"),
        ("WEBHOOK_FORMAT", "WEBHOOK_URL"),
        ("SLACK__PAYMENTS__MIN_SEVERITY", "SLACK__PAYMENTS__WEBHOOK_URL"),
    ],
)
def test_a_setting_of_a_destination_that_is_not_set_is_refused(name: str, missing: str) -> None:
    value = {"WEBHOOK_SECRET": "a-signing-key-of-ours", "WEBHOOK_FORMAT": "ocsf"}.get(name, "low")
    with pytest.raises(SettingsError) as refused:
        from_settings(**{name: value})
    assert refused.value.problems == (
        f"REGISTRYWATCH_{name} is set, but REGISTRYWATCH_{missing} is not: nothing would read it",
    )


@pytest.mark.parametrize(
    "name",
    [
        "SLACK__PAYMENTS__URL",
        "SLACK__PAY__MENTS__WEBHOOK_URL",
        "SLACK____WEBHOOK_URL",
        "SLAK__PAYMENTS__WEBHOOK_URL",
    ],
)
def test_a_named_setting_that_nothing_reads_is_a_typo(name: str) -> None:
    with pytest.raises(SettingsError, match=f"REGISTRYWATCH_{name} is not a setting"):
        from_settings(**{name: "https://slack.test/hook"})


def test_a_key_vault_reference_that_azure_left_as_it_was_stops_its_own_destination_alone() -> None:
    slack, webhook = from_settings(
        SLACK_WEBHOOK_URL="@Microsoft.KeyVault(VaultName=rw;SecretName=key)",
        WEBHOOK_URL="https://example.test/hook",
    )
    with pytest.raises(SecretError, match="did not resolve a Key Vault reference"):
        resolved_options(slack, SecretStore())
    assert resolved_options(webhook, SecretStore())["URL"] == "https://example.test/hook"


def test_a_runbook_is_an_option_of_every_destination() -> None:
    for to in from_settings(
        RUNBOOK_URL="https://wiki.example/rules",
        SLACK_WEBHOOK_URL="https://slack.test/hook",
        WEBHOOK_URL="https://example.test/hook",
    ):
        assert to.options["RUNBOOK_URL"] == "https://wiki.example/rules"
