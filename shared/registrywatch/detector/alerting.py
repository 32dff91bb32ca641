"""Alerts, made of what rules found: who did what, where, when and why it matters."""

from registrywatch.alerts import Alert, alert_id
from registrywatch.clouds import CLOUDS
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Finding, Tuning
from registrywatch.rules.wording import shown
from registrywatch.times import rfc3339


def judged_alert(rule: AnyRule, tuning: Tuning, event: RegistryEvent, finding: Finding) -> Alert:
    """The alert about a single event."""
    severity, reasons = finding.severity, finding.reasons
    if tuning.severity is not None:
        severity, reasons = tuning.severity, (*reasons, "A setting fixes the grade.")
    return Alert(
        id=alert_id(rule.name, event.key),
        rule=rule.name,
        title=rule.title,
        summary=f"{who(event.actor)} {finding.summary} ({where(event)})",
        severity=severity,
        reasons=reasons,
        cloud=event.cloud,
        account=event.account,
        region=event.region,
        registry=event.registry,
        repository=event.repository,
        actor=event.actor,
        time=rfc3339(event.time),
        mitre=rule.mitre,
        events=(event.id,) if event.id else (),
        impact=rule.impact,
        mitigation=rule.mitigation,
        references=rule.references,
    )


def who(actor: Actor) -> str:
    """The actor as people call him."""
    name = actor.name or actor.id
    return shown(name) if name else "Somebody unnamed"


def where(event: RegistryEvent) -> str:
    """Account and region on AWS; the registry and its region on Azure."""
    return CLOUDS[event.cloud].where(event.account, event.region, event.registry)
