"""The destinations that the settings name."""

from registrywatch.delivery.destinations import Destination, Secret
from registrywatch.settings import Settings


def destinations(settings: Settings) -> tuple[Destination, ...]:
    """One for each that is set; no secret is looked up for it."""

    def secret(short: str) -> Secret | None:
        value = settings[f"REGISTRYWATCH_{short}"]
        return None if value is None else Secret(value)

    folding = settings["REGISTRYWATCH_FOLD_SECONDS"]
    found = []
    if slack := secret("SLACK_WEBHOOK_URL"):
        found.append(
            Destination(
                kind="slack",
                endpoint=slack,
                min_severity=settings["REGISTRYWATCH_SLACK_MIN_SEVERITY"],
                fold_seconds=folding,
            )
        )
    if routing_key := secret("PAGERDUTY_ROUTING_KEY"):
        found.append(
            Destination(
                kind="pagerduty",
                endpoint=Secret(settings["REGISTRYWATCH_PAGERDUTY_URL"]),
                key=routing_key,
                min_severity=settings["REGISTRYWATCH_PAGERDUTY_MIN_SEVERITY"],
                fold_seconds=folding,
            )
        )
    if teams := secret("TEAMS_WEBHOOK_URL"):
        found.append(
            Destination(
                kind="teams",
                endpoint=teams,
                min_severity=settings["REGISTRYWATCH_TEAMS_MIN_SEVERITY"],
                fold_seconds=folding,
            )
        )
    if webhook := secret("WEBHOOK_URL"):
        found.append(
            Destination(
                kind="webhook",
                endpoint=webhook,
                key=secret("WEBHOOK_SECRET"),
                min_severity=settings["REGISTRYWATCH_WEBHOOK_MIN_SEVERITY"],
                fold_seconds=folding,
                format=settings["REGISTRYWATCH_WEBHOOK_FORMAT"],
            )
        )
    return tuple(found)
