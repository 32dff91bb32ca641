"""Alerts to try things out with: what a rule's alert looks like, though nothing happened."""

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.alerts.summary_fields import span
from registrywatch.events import Actor
from registrywatch.rules import AnyRule
from registrywatch.severity import Severity

_WINDOW_SECONDS = 600

_AWS = {
    "account": "111122223333",
    "region": "eu-west-1",
    "registry": "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
}
_AZURE = {
    "account": "00000000-0000-4000-8000-000000000001",
    "region": "westeurope",
    "registry": "contoso.azurecr.io",
}
_ACTORS = {
    "aws": Actor(
        id="arn:aws:iam::111122223333:role/Dev",
        name="Dev/alice",
        type="AssumedRole",
        ip="203.0.113.12",
        user_agent="docker/27.0.3 go/go1.22.4 os/linux arch/amd64",
    ),
    "azure": Actor(
        id="11111111-2222-4333-8444-555555555555",
        name="alice@contoso.example",
        type="user",
        ip="203.0.113.12",
        user_agent="docker/27.0.3 go/go1.22.4 os/linux arch/amd64",
    ),
}


def sample_alert(rule: AnyRule, severity: Severity, time: str) -> Alert:
    """An alert of `rule` that says of itself that it is a sample. `time` is RFC 3339 in UTC.

    Its id depends on the time too: two samples are two alerts to whoever tells alerts apart.
    """
    place = _AWS if rule.cloud == "aws" else _AZURE
    counting = rule.counting
    happened = f"“{rule.title}” by Dev/alice in prod/api"
    if counting:
        within = span(_WINDOW_SECONDS)
        happened = f"Dev/alice {counting.done} {counting.threshold} images in {within}"
    return Alert(
        id=alert_id("sample", rule.name, severity.value, time),
        rule=rule.name,
        title=f"Test: {rule.title}",
        summary=f"Test, nothing happened: {happened} ({place['account']}, {place['region']})",
        severity=severity,
        reasons=("This is a sample that registrywatch sent to see how alerts arrive",),
        cloud=rule.cloud,
        account=place["account"],
        region=place["region"],
        registry=place["registry"],
        repository=None if counting else "prod/api",
        actor=_ACTORS[rule.cloud],
        time=time,
        mitre=rule.mitre,
        events=("00000000-0000-4000-8000-000000000002",),
        count=counting.threshold if counting else None,
        threshold=counting.threshold if counting else None,
        window_seconds=_WINDOW_SECONDS if counting else None,
        impact=rule.impact,
        mitigation=rule.mitigation,
        references=rule.references,
    )
