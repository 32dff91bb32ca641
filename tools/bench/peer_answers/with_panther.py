"""Panther's rule engine over a trail folder. Counting is done here: Panther's is a service."""

import gzip
import json
import sys
from collections import defaultdict, deque
from datetime import datetime
from pathlib import Path
from typing import Any

from panther_core.enriched_event import PantherEvent
from panther_core.rule import Rule

PULLED = """
def rule(event):
    return (event.get("eventSource") == "ecr.amazonaws.com" and not event.get("errorCode")
            and event.get("eventName") == "BatchGetImage")
"""
OPENED = """
import json
def rule(event):
    if event.get("eventName") != "SetRepositoryPolicy" or event.get("errorCode"):
        return False
    statements = json.loads(event.deep_get("requestParameters", "policyText"))["Statement"]
    return any(s["Principal"] in ("*", {"AWS": "*"}) for s in statements)
"""
pulled, opened = (
    Rule({"id": name, "body": body, "versionId": "1", "dedupPeriodMinutes": 10})
    for name, body in (("pulled", PULLED), ("opened", OPENED))
)
windows: dict[str, deque[tuple[float, str, str]]] = defaultdict(deque)
found: set[str] = set()


def count(record: Any) -> None:
    """A sliding window in order of arrival: a late event is counted when it arrives."""
    actor = record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
    at = datetime.fromisoformat(record["eventTime"]).timestamp()
    request = record["requestParameters"]
    window = windows[actor]
    for image in request["imageIds"]:
        name = image.get("imageDigest") or image.get("imageTag")
        window.append((at, request["repositoryName"], name))
    while window and window[0][0] < at - 600:
        window.popleft()
    if len({each[1:] for each in window}) > 100:
        found.add(f"pulled {actor}")


for path in sorted(Path(sys.argv[1]).rglob("*.json.gz")):
    for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
        event = PantherEvent(record, None)
        if pulled.run(event, {}, {}).detection_output:
            count(record)
        if opened.run(event, {}, {}).detection_output:
            found.add(f"opened {record['requestParameters']['repositoryName']}")
print(*sorted(found), sep="\n")
