"""The destinations, one file each. To add one: a new file, and its line in DESTINATIONS.

A file is loaded only when its kind is needed: most deployments use one or two, and a cold start
should not load the others.
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
"""The files, in the order of the docs. Each holds its kind under the file's name, in capitals."""


def every_kind() -> tuple[DestinationKind, ...]:
    """All kinds of destinations."""
    return tuple(map(_kind, DESTINATIONS))


def kinds_of(variables: Iterable[str]) -> tuple[DestinationKind, ...]:
    """The kinds to which these variables may belong; their names are without the common prefix."""
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
