"""What an alert tells a person, in the order in which he asks: who, where, when, how much."""

import datetime

import msgspec

from registrywatch.alerts.alert import Alert

_YEAR_10000 = 253_402_300_800


class Fact(msgspec.Struct, frozen=True):
    """A label of ours and a value, which may hold text from events as it came."""

    label: str
    value: str


def facts(alert: Alert) -> tuple[Fact, ...]:
    """What is known, leaving out what is not. Values are neither escaped nor cut."""
    actor = alert.actor
    told = (
        ("Who", actor.name or actor.id or "not recorded"),
        ("Role or account", actor.id if actor.name and actor.id != actor.name else None),
        ("From address", actor.ip),
        *_where(alert),
        ("Repository", alert.repository),
        ("When", clock(alert.time)),
        ("Counted", counted(alert)),
        ("Client", actor.user_agent),
    )
    return tuple(Fact(label, value) for label, value in told if value)


def _where(alert: Alert) -> tuple[tuple[str, str | None], ...]:
    """Account and region name a private ECR registry; elsewhere its own name says more."""
    if alert.cloud == "azure":
        registry = ", ".join(filter(None, (alert.registry, alert.region)))
        return ("Registry", registry), ("Subscription", alert.account)
    account = ", ".join(filter(None, (alert.account, alert.region)))
    own = bool(alert.account) and (alert.registry or "").startswith(f"{alert.account}.dkr.")
    return ("Account", account), ("Registry", None if own else alert.registry)


def clock(time: str) -> str:
    """`2026-08-01T09:10:12Z` as `2026-08-01 09:10:12 UTC`; what is no such time, as it is."""
    at = epoch(time)
    return time if at is None else _written(at, "%Y-%m-%d %H:%M:%S UTC")


def rfc3339(time: str) -> str | None:
    """A time in the one form of RFC 3339 that everybody reads; None where it is no time."""
    at = epoch(time)
    return None if at is None else _written(at, "%Y-%m-%dT%H:%M:%SZ")


def epoch(time: str) -> int | None:
    """Seconds since the epoch of an RFC 3339 time; None where it is none, or before 1970."""
    try:
        read = datetime.datetime.fromisoformat(time)
    except ValueError:
        return None
    at = int(read.replace(tzinfo=read.tzinfo or datetime.UTC).timestamp())
    return at if 0 <= at < _YEAR_10000 else None


def _written(at: int, form: str) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime(form)


def counted(alert: Alert) -> str | None:
    """`100 within 10 minutes, threshold 100`; None for rules that don't count."""
    if alert.count is None:
        return None
    within = f" within {span(alert.window_seconds)}" if alert.window_seconds else ""
    limit = f", threshold {alert.threshold:,}" if alert.threshold else ""
    return f"{alert.count:,}{within}{limit}"


def span(seconds: int) -> str:
    """A length of time in words: `90 seconds`, `10 minutes`, `2 hours`."""
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit == 0 and seconds >= unit:
            number = seconds // unit
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    return f"{seconds} seconds"
