"""Settings become destinations."""

import pytest

from registrywatch.delivery import Destination, Secret
from registrywatch.errors import SettingsError
from registrywatch.settings import parse
from registrywatch.severity import Severity


def from_settings(**settings: str) -> tuple[Destination, ...]:
    return parse({f"REGISTRYWATCH_{name}": text for name, text in settings.items()}).destinations


def test_nothing_set_is_no_destination() -> None:
    assert from_settings() == ()


def test_each_has_its_own_least_severity_and_pagerduty_starts_at_medium() -> None:
    slack, pagerduty, teams, webhook = from_settings(
        SLACK_WEBHOOK_URL="ssm:/registrywatch/slack",
        PAGERDUTY_ROUTING_KEY="secretsmanager:registrywatch/pagerduty",
        TEAMS_WEBHOOK_URL="https://teams.test/hook",
        TEAMS_MIN_SEVERITY="critical",
        WEBHOOK_URL="https://example.test/hook",
    )
    assert slack.endpoint == Secret("ssm:/registrywatch/slack")
    assert pagerduty.endpoint == Secret("https://events.pagerduty.com/v2/enqueue")
    assert pagerduty.key == Secret("secretsmanager:registrywatch/pagerduty")
    assert webhook.key is None
    assert [to.min_severity for to in (slack, pagerduty, teams, webhook)] == [
        Severity.LOW,
        Severity.MEDIUM,
        Severity.CRITICAL,
        Severity.LOW,
    ]
    assert {to.fold_seconds for to in (slack, pagerduty, teams, webhook)} == {900}


def test_folding_the_webhook_s_form_and_pagerduty_s_region_can_be_chosen() -> None:
    pagerduty, webhook = from_settings(
        PAGERDUTY_ROUTING_KEY="R" * 32,
        PAGERDUTY_URL="https://events.eu.pagerduty.com/v2/enqueue",
        WEBHOOK_URL="https://example.test/hook",
        WEBHOOK_SECRET="signing key",
        WEBHOOK_FORMAT="ocsf",
        FOLD_SECONDS="0",
    )
    assert pagerduty.endpoint == Secret("https://events.eu.pagerduty.com/v2/enqueue")
    assert (webhook.format, webhook.key) == ("ocsf", Secret("signing key"))
    assert pagerduty.fold_seconds == webhook.fold_seconds == 0


@pytest.mark.parametrize("name", ["SLACK_WEBHOOK_URL", "PAGERDUTY_ROUTING_KEY", "WEBHOOK_SECRET"])
def test_a_key_vault_reference_that_azure_left_as_it_was_is_no_secret(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^REGISTRYWATCH_{name}: its value \(a secret, not"):
        from_settings(**{name: "@Microsoft.KeyVault(VaultName=rw;SecretName=key)"})
