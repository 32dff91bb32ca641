"""Sample alerts: the alert of a rule although nothing happened, for tests of destinations."""

import msgspec

from registrywatch.alerts.alert import Alert, Incident, alert_id
from registrywatch.alerts.of_rule import Count, Place, alert_of
from registrywatch.clouds import CLOUDS
from registrywatch.rules import AnyRule
from registrywatch.severity import Severity
from registrywatch.times import span


def sample_alert(rule: AnyRule, severity: Severity, time: str) -> Alert:
    """An alert of `rule` that says that it is a sample. `time` is RFC 3339 in UTC.

    The id depends on the time too, so that two samples are two alerts.
    """
    cloud = CLOUDS[rule.cloud]
    sample = cloud.sample
    who = sample.actor.name
    where = cloud.where(sample.account, sample.region, sample.registry)
    counting = rule.counting
    happened = f"“{rule.title}” by {who} in prod/api"
    if counting:
        within = span(counting.window_seconds)
        happened = f"{who} {counting.phrase(counting.counts[0], counting.threshold)} in {within}"
    return alert_of(
        rule,
        ("sample", severity.value, time),
        Place(
            rule.cloud,
            sample.account,
            sample.region,
            sample.registry,
            None if counting else "prod/api",
            None if counting else sample.resource,
        ),
        summary=f"Test, nothing happened: {happened} ({where})",
        severity=severity,
        reasons=("This is a sample alert, sent to test that alerts arrive",),
        actor=sample.actor,
        time=time,
        events=("00000000-0000-4000-8000-000000000002",),
        counted=Count(counting.threshold, counting.threshold, counting.window_seconds)
        if counting
        else None,
        test=True,
    )


def end_of_sample(sample: Alert) -> Alert:
    """The alert that closes the incident which a sample has opened at a destination."""
    return msgspec.structs.replace(
        sample,
        id=alert_id("test over", sample.id),
        incident=Incident(sample.id, "resolved", sample.severity),
    )
