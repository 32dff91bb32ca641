"""The destinations: one file each, listed here. Adding one is a file and a line of DESTINATIONS."""

from registrywatch.delivery.destinations.discord import DISCORD
from registrywatch.delivery.destinations.eventbridge import EVENTBRIDGE
from registrywatch.delivery.destinations.google_chat import GOOGLE_CHAT
from registrywatch.delivery.destinations.kind import (
    Answer,
    Destination,
    DestinationKind,
    Option,
    Outgoing,
    Request,
    SecretRef,
)
from registrywatch.delivery.destinations.log_analytics import LOG_ANALYTICS
from registrywatch.delivery.destinations.pagerduty import PAGERDUTY
from registrywatch.delivery.destinations.security_hub import SECURITY_HUB
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.destinations.sns import SNS
from registrywatch.delivery.destinations.teams import TEAMS
from registrywatch.delivery.destinations.webhook import WEBHOOK

__all__ = [
    "DESTINATIONS",
    "Answer",
    "Destination",
    "DestinationKind",
    "Option",
    "Outgoing",
    "Request",
    "SecretRef",
]

DESTINATIONS: tuple[DestinationKind, ...] = (
    SLACK,
    PAGERDUTY,
    TEAMS,
    GOOGLE_CHAT,
    DISCORD,
    WEBHOOK,
    SNS,
    EVENTBRIDGE,
    SECURITY_HUB,
    LOG_ANALYTICS,
)
