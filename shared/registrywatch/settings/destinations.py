"""The settings of the destinations, and the destinations that they name."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from registrywatch import readers
from registrywatch.delivery.destinations import Destination, Secret
from registrywatch.settings.values import Values
from registrywatch.severity import Severity
from registrywatch.variables import PREFIX, AnyVariable, Variable, optional, setting


class _Basics(msgspec.Struct, frozen=True):
    """What every destination has: where it is, and from which severity on it gets alerts."""

    endpoint: Variable[str | None]
    min_severity: Variable[Severity]


def _basics(
    short: str, suffix: str, what: str, read: Callable[[str], str], least: Severity
) -> _Basics:
    name = f"{PREFIX}{short}_{suffix}"
    return _Basics(
        optional(name, "destinations", what, read, secret=True),
        setting(
            f"{PREFIX}{short}_MIN_SEVERITY",
            "destinations",
            f"the lowest severity that goes to {what.partition(':')[0]}",
            readers.severity,
            least.value,
            also=f"{name}_MIN_SEVERITY",
        ),
    )


_SLACK = _basics(
    "SLACK",
    "WEBHOOK_URL",
    "Slack: the address of an incoming webhook",
    readers.address,
    Severity.LOW,
)
_PAGERDUTY = _basics(
    "PAGERDUTY",
    "ROUTING_KEY",
    "PagerDuty: the routing key of an Events API v2 integration",
    readers.secret,
    Severity.MEDIUM,
)
_PAGERDUTY_URL = setting(
    "REGISTRYWATCH_PAGERDUTY_URL",
    "destinations",
    "where PagerDuty takes events: accounts in its European region have "
    "`https://events.eu.pagerduty.com/v2/enqueue`",
    readers.address,
    "https://events.pagerduty.com/v2/enqueue",
)
_TEAMS = _basics(
    "TEAMS",
    "WEBHOOK_URL",
    "Teams: the address of a Workflows webhook",
    readers.address,
    Severity.LOW,
)
_WEBHOOK = _basics(
    "WEBHOOK",
    "URL",
    "the webhook: the address that gets the alert as JSON",
    readers.address,
    Severity.LOW,
)
_WEBHOOK_SECRET = optional(
    "REGISTRYWATCH_WEBHOOK_SECRET",
    "destinations",
    "the key that signs what goes to the webhook (HMAC-SHA256)",
    readers.secret,
    secret=True,
)
_WEBHOOK_FORMAT: Variable[Literal["alert", "ocsf"]] = setting(
    "REGISTRYWATCH_WEBHOOK_FORMAT",
    "destinations",
    "what goes to the webhook: the `alert` itself, or an `ocsf` Detection Finding",
    readers.one_of("alert", "ocsf"),
    "alert",
)
_FOLD_SECONDS = setting(
    "REGISTRYWATCH_FOLD_SECONDS",
    "destinations",
    "how long related alerts are gathered after the first, 0 to 900; 0 sends each by itself",
    readers.whole_number(0, 900),
    "900",
)

DESTINATIONS: tuple[AnyVariable, ...] = (
    *msgspec.structs.astuple(_SLACK),
    *msgspec.structs.astuple(_PAGERDUTY),
    _PAGERDUTY_URL,
    *msgspec.structs.astuple(_TEAMS),
    *msgspec.structs.astuple(_WEBHOOK),
    _WEBHOOK_SECRET,
    _WEBHOOK_FORMAT,
    _FOLD_SECONDS,
)


def destinations(values: Values) -> tuple[Destination, ...]:
    """One for each that is set; no secret is looked up for it."""
    return tuple(_set(values))


def _set(values: Values) -> Iterator[Destination]:
    fold = values[_FOLD_SECONDS]
    if slack := values[_SLACK.endpoint]:
        yield Destination(
            kind="slack",
            endpoint=Secret(slack),
            min_severity=values[_SLACK.min_severity],
            fold_seconds=fold,
        )
    if routing_key := values[_PAGERDUTY.endpoint]:
        yield Destination(
            kind="pagerduty",
            endpoint=Secret(values[_PAGERDUTY_URL]),
            key=Secret(routing_key),
            min_severity=values[_PAGERDUTY.min_severity],
            fold_seconds=fold,
        )
    if teams := values[_TEAMS.endpoint]:
        yield Destination(
            kind="teams",
            endpoint=Secret(teams),
            min_severity=values[_TEAMS.min_severity],
            fold_seconds=fold,
        )
    if webhook := values[_WEBHOOK.endpoint]:
        key = values[_WEBHOOK_SECRET]
        yield Destination(
            kind="webhook",
            endpoint=Secret(webhook),
            key=None if key is None else Secret(key),
            min_severity=values[_WEBHOOK.min_severity],
            fold_seconds=fold,
            format=values[_WEBHOOK_FORMAT],
        )
