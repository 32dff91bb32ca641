"""Alerts to try things out with: what a rule's alert looks like, though nothing happened."""

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.clouds import CLOUDS
from registrywatch.rules import AnyRule
from registrywatch.severity import Severity
from registrywatch.times import span

_WINDOW_SECONDS = 600


def sample_alert(rule: AnyRule, severity: Severity, time: str) -> Alert:
    """An alert of `rule` that says of itself that it is a sample. `time` is RFC 3339 in UTC.

    Its id depends on the time too: two samples are two alerts to whoever tells alerts apart.
    """
    cloud = CLOUDS[rule.cloud]
    sample = cloud.sample
    who = sample.actor.name
    where = cloud.where(sample.account, sample.region, sample.registry)
    counting = rule.counting
    happened = f"“{rule.title}” by {who} in prod/api"
    if counting:
        within = span(_WINDOW_SECONDS)
        happened = f"{who} {counting.done} {counting.threshold} images in {within}"
    return Alert(
        id=alert_id("sample", rule.name, severity.value, time),
        rule=rule.name,
        title=f"Test: {rule.title}",
        summary=f"Test, nothing happened: {happened} ({where})",
        severity=severity,
        reasons=("This is a sample that registrywatch sent to see how alerts arrive",),
        cloud=rule.cloud,
        account=sample.account,
        region=sample.region,
        registry=sample.registry,
        repository=None if counting else "prod/api",
        actor=sample.actor,
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
