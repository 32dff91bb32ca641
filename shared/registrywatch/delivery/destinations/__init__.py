"""The destinations: one file each, listed here. Adding one is a file and a line of DESTINATIONS.

A file is loaded when its kind is asked for: most deployments use one or two of them, and a cold
start should not pay for the others.
"""

import importlib
from collections.abc import Iterable

from registrywatch.delivery.destinations.kind import (
    Answer,
    Destination,
    DestinationKind,
    Option,
    Outgoing,
    Request,
    SecretRef,
)

__all__ = [
    "DESTINATIONS",
    "Answer",
    "Destination",
    "DestinationKind",
    "Option",
    "Outgoing",
    "Request",
    "SecretRef",
    "every_kind",
    "kinds_of",
]

DESTINATIONS: tuple[str, ...] = (
    "slack",
    "pagerduty",
    "teams",
    "google_chat",
    "discord",
    "webhook",
    "sns",
    "eventbridge",
    "security_hub",
    "log_analytics",
)
"""The files, in the order of the docs. Each holds its kind under its own name, in capitals."""


def every_kind() -> tuple[DestinationKind, ...]:
    """All kinds of destinations."""
    return tuple(map(_kind, DESTINATIONS))


def kinds_of(variables: Iterable[str]) -> tuple[DestinationKind, ...]:
    """The kinds whose settings these variables may be, named without the common prefix."""
    given = tuple(variables)
    return tuple(
        _kind(module)
        for module in DESTINATIONS
        if any(name.startswith(f"{module.upper()}_") for name in given)
    )


def _kind(module: str) -> DestinationKind:
    found: DestinationKind = getattr(
        importlib.import_module(f"{__name__}.{module}"), module.upper()
    )
    return found
