"""The destinations that the settings name."""

from collections.abc import Iterator
from typing import Any

from registrywatch.delivery.destinations import Destination, Kind, Secret
from registrywatch.settings import Settings


def destinations(settings: Settings) -> tuple[Destination, ...]:
    """One for each that is set; no secret is looked up for it."""
    return tuple(_named(settings))


def _named(settings: Settings) -> Iterator[Destination]:
    def secret(short: str) -> Secret | None:
        value = settings[f"REGISTRYWATCH_{short}"]
        return None if value is None else Secret(value)

    def destination(kind: Kind, endpoint: Secret, **more: Any) -> Destination:
        return Destination(
            kind=kind,
            endpoint=endpoint,
            min_severity=settings[f"REGISTRYWATCH_{kind.upper()}_MIN_SEVERITY"],
            fold_seconds=settings["REGISTRYWATCH_FOLD_SECONDS"],
            **more,
        )

    if slack := secret("SLACK_WEBHOOK_URL"):
        yield destination("slack", slack)
    if routing_key := secret("PAGERDUTY_ROUTING_KEY"):
        address = Secret(settings["REGISTRYWATCH_PAGERDUTY_URL"])
        yield destination("pagerduty", address, key=routing_key)
    if teams := secret("TEAMS_WEBHOOK_URL"):
        yield destination("teams", teams)
    if webhook := secret("WEBHOOK_URL"):
        yield destination(
            "webhook",
            webhook,
            key=secret("WEBHOOK_SECRET"),
            format=settings["REGISTRYWATCH_WEBHOOK_FORMAT"],
        )
