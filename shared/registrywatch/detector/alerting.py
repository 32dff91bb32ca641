"""The parts of an alert that are the same for every rule: who, where, when."""

import msgspec

from registrywatch.alerts import Alert, Incident, alert_id
from registrywatch.alerts.of_rule import Place, alert_of
from registrywatch.clouds import CLOUDS
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Finding, Lasting
from registrywatch.rules.tuning import Tuning
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity
from registrywatch.times import rfc3339


def judged_alert(rule: AnyRule, tuning: Tuning, event: RegistryEvent, finding: Finding) -> Alert:
    """The alert about a single event."""
    severity, reasons = tuned(tuning, finding.severity, finding.reasons)
    return alert_of(
        rule,
        (finding.occasion or event.key,),
        Place.of(event),
        summary=f"{who(event.actor)} {finding.summary} ({where(event)})",
        severity=severity,
        reasons=reasons,
        actor=event.actor,
        time=rfc3339(event.time),
        events=(event.id,),
        incident=_incident(rule, tuning, finding.lasts) if finding.lasts else None,
    )


def _incident(rule: AnyRule, tuning: Tuning, lasts: Lasting) -> Incident:
    return Incident(
        alert_id(rule.name, lasts.began),
        "resolved" if lasts.over else "open",
        tuning.severity or lasts.severity,
    )


def familiar(finding: Finding) -> Finding:
    """The finding one step lower, because what was done is familiar to the actor."""
    reason = "The actor has done this here before, at least a day ago: one step lower."
    return msgspec.structs.replace(
        finding,
        severity=finding.severity.one_step_lower(),
        reasons=(*finding.reasons, reason),
    )


def tuned(
    tuning: Tuning, severity: Severity, reasons: tuple[str, ...]
) -> tuple[Severity, tuple[str, ...]]:
    """The severity, or the one that a setting fixes; and the reasons, which then say so."""
    if tuning.severity is None:
        return severity, reasons
    return tuning.severity, (*reasons, "A setting fixes the severity.")


def who(actor: Actor) -> str:
    """The actor's name for people, else their id."""
    name = actor.name or actor.id
    if name == "AWS Internal":  # as records name what AWS itself does
        return "AWS"
    return shown(name) if name else "An unknown actor"


def where(event: RegistryEvent) -> str:
    """Account and region on AWS; the registry and its region on Azure."""
    return CLOUDS[event.cloud].where(event.account, event.region, event.registry)
