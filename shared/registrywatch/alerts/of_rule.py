"""Makes an alert from a rule and what happened: the one place where rules' alerts are built."""

from collections.abc import Iterable

import msgspec

from registrywatch.alerts.alert import Alert, Incident, alert_id
from registrywatch.events import Actor, Cloud, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.severity import Severity
from registrywatch.variables import PREFIX

MOST_EVENTS = 20
_OVER = "It is over. What happened in the meantime may not have been detected."
_AFTERWARDS = "Search the cloud's own log for what was done in the meantime."


class Place(msgspec.Struct, frozen=True):
    """Where it happened; a field is None if several are meant or the source names none."""

    cloud: Cloud
    account: str | None
    region: str | None
    registry: str | None
    repository: str | None
    resource: str | None

    @classmethod
    def of(cls, event: RegistryEvent) -> "Place":
        """Where one event happened."""
        return cls(
            event.cloud,
            event.account,
            event.region,
            event.registry,
            event.repository,
            event.resource,
        )


class Count(msgspec.Struct, frozen=True):
    """What was counted: how many within a window of so many seconds, and the threshold."""

    count: int
    threshold: int
    window_seconds: int


def alert_of(
    rule: AnyRule,
    about: tuple[str, ...],
    place: Place,
    *,
    summary: str,
    severity: Severity,
    reasons: tuple[str, ...],
    actor: Actor,
    time: str,
    events: Iterable[str],
    counted: Count | None = None,
    incident: Incident | None = None,
    test: bool = False,
) -> Alert:
    """The alert that `rule` raises about `about`, which decides its id.

    `time` is RFC 3339 in UTC; the last MOST_EVENTS of the provider's event ids are kept. The title
    of a `test` says that it is a test; the title of an alert that ends an `incident` says so too.
    """
    resolved = incident is not None and incident.state == "resolved"
    title = f"Resolved: {rule.title}" if resolved else rule.title
    ids = [each for each in dict.fromkeys(events) if each]
    return Alert(
        id=alert_id(rule.name, *about),
        rule=rule.name,
        title=f"Test: {title}" if test else title,
        summary=summary,
        severity=severity,
        reasons=reasons,
        cloud=place.cloud,
        account=place.account,
        region=place.region,
        registry=place.registry,
        repository=place.repository,
        resource=place.resource,
        actor=actor,
        time=time,
        mitre=rule.mitre,
        events=tuple(ids[-MOST_EVENTS:]),
        count=counted.count if counted else None,
        threshold=counted.threshold if counted else None,
        window_seconds=counted.window_seconds if counted else None,
        impact=_OVER if resolved else rule.impact,
        mitigation=_AFTERWARDS if resolved else rule.mitigation,
        silence=silence(rule, actor, place.repository),
        references=rule.references,
        incident=incident,
    )


def silence(rule: AnyRule, actor: Actor, repository: str | None) -> str:
    """The setting that would have suppressed this alert, and as few others as possible."""
    stem = f"{PREFIX}{rule.stem}_"
    if actor.id and "," not in actor.id:
        return f"{stem}IGNORE_ACTORS={actor.id}"
    if repository and "," not in repository:
        return f"{stem}IGNORE_REPOSITORIES={repository}"
    return f"{stem}ENABLED=false"
