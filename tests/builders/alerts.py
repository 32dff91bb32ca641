"""Builds alerts, each in one line."""

from typing import Any

from registrywatch.alerts import Alert, alert_id
from registrywatch.events import Actor
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity

DEV = Actor(
    id="arn:aws:iam::111122223333:role/Dev",
    name="Dev/alice",
    type="AssumedRole",
    ip="203.0.113.12",
    user_agent="docker/27.0.3 go/go1.22.4",
)


def an_alert(number: int = 1, /, **said: Any) -> Alert:
    """An alert of the rule on deleted images; each number gives another alert id."""
    rule = said.get("rule", "ecr-images-deleted")
    repository = said.get("repository", "prod/api")
    fields: dict[str, Any] = {
        "id": alert_id(rule, str(number)),
        "rule": rule,
        "title": "Images Within a Repository Deleted",
        "summary": f"Dev deleted 12 images from {repository} (111122223333, eu-west-1)",
        "severity": Severity.MEDIUM,
        "reasons": ("12 images were deleted",),
        "cloud": "aws",
        "account": "111122223333",
        "region": "eu-west-1",
        "registry": "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "repository": repository,
        "actor": DEV,
        "time": f"2026-08-01T09:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "mitre": (Mitre("TA0040", "T1485"),),
        "events": (f"b1946ac9-2ab7-4c54-9f16-{number:012x}",),
        "impact": "Workloads that start from these images can't start any more.",
        "mitigation": "Ask the user whether this was meant; push the images again if it was not.",
        "references": ("https://docs.aws.amazon.com/AmazonECR/latest/userguide/",),
    }
    return Alert(**fields | said)
