"""The destinations that the settings name."""

from typing import Any

from registrywatch.delivery.destinations import PAGERDUTY, Destination, Secret
from registrywatch.settings import Settings


def destinations(settings: Settings) -> tuple[Destination, ...]:
    """One for each that is set; no secret is looked up for it."""

    def least(short: str) -> Any:
        return settings[f"REGISTRYWATCH_{short}_MIN_SEVERITY"]

    folding = settings["REGISTRYWATCH_FOLD_SECONDS"]
    found: list[Destination] = []
    if (slack := settings["REGISTRYWATCH_SLACK_WEBHOOK_URL"]) is not None:
        found.append(
            Destination(
                kind="slack",
                endpoint=Secret(slack),
                min_severity=least("SLACK"),
                fold_seconds=folding,
            )
        )
    if (key := settings["REGISTRYWATCH_PAGERDUTY_ROUTING_KEY"]) is not None:
        found.append(
            Destination(
                kind="pagerduty",
                endpoint=Secret(PAGERDUTY),
                key=Secret(key),
                min_severity=least("PAGERDUTY"),
                fold_seconds=folding,
            )
        )
    if (teams := settings["REGISTRYWATCH_TEAMS_WEBHOOK_URL"]) is not None:
        found.append(
            Destination(
                kind="teams",
                endpoint=Secret(teams),
                min_severity=least("TEAMS"),
                fold_seconds=folding,
            )
        )
    if (webhook := settings["REGISTRYWATCH_WEBHOOK_URL"]) is not None:
        signing = settings["REGISTRYWATCH_WEBHOOK_SECRET"]
        found.append(
            Destination(
                kind="webhook",
                endpoint=Secret(webhook),
                key=None if signing is None else Secret(signing),
                min_severity=least("WEBHOOK"),
                fold_seconds=folding,
                format=settings["REGISTRYWATCH_WEBHOOK_FORMAT"],
            )
        )
    return tuple(found)
