"""The facts of an alert, in the order in which a person asks: who, where, when, how much."""

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.clouds import CLOUDS
from registrywatch.times import clock, span


class Fact(msgspec.Struct, frozen=True):
    """A fixed label, and a value, which may hold unescaped text from events."""

    label: str
    value: str


def facts(alert: Alert) -> tuple[Fact, ...]:
    """The facts that are known. Values are neither escaped nor cut."""
    actor = alert.actor
    known = (
        ("Who", actor.name or actor.id or "not recorded"),
        ("Role or account", actor.id if actor.name and actor.id != actor.name else None),
        ("From address", actor.ip),
        *_where(alert),
        ("Repository", alert.repository),
        ("When", clock(alert.time)),
        ("Counted", counted(alert)),
        ("Client", actor.user_agent),
    )
    return tuple(Fact(label, value) for label, value in known if value)


def _where(alert: Alert) -> tuple[tuple[str, str | None], ...]:
    """A private ECR registry is named by account and region, any other registry by its own name."""
    cloud = CLOUDS[alert.cloud]
    if cloud.place == "registry":
        registry = ", ".join(filter(None, (alert.registry, alert.region)))
        return ("Registry", registry), (cloud.account, alert.account)
    account = ", ".join(filter(None, (alert.account, alert.region)))
    own = bool(alert.account) and (alert.registry or "").startswith(f"{alert.account}.dkr.")
    return (cloud.account, account), ("Registry", None if own else alert.registry)


def counted(alert: Alert) -> str | None:
    """`100 within 10 minutes, threshold 100`; None for rules that don't count."""
    if alert.count is None:
        return None
    within = f" within {span(alert.window_seconds)}" if alert.window_seconds else ""
    limit = f", threshold {alert.threshold:,}" if alert.threshold else ""
    return f"{alert.count:,}{within}{limit}"
