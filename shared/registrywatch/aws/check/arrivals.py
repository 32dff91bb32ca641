"""Whether events arrive, by EventBridge's own hourly count of matched events."""

from datetime import UTC, datetime

from registrywatch.aws.check.calls import ask
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, silence

ITEM = "arrivals"
RULE = "AWS::Events::Rule"
_FIX = "Check the trail and the rules above; then pull an image and check again."


def arrivals(stack: Stack, now: float) -> Item:
    """The item; `now` is in seconds since the epoch. Raises StoreError."""
    hours: list[float] = []
    for logical, name in stack.of(RULE).items():
        if logical.startswith("DeliveryFunction"):
            continue  # registrywatch's own alarms do not show that events arrive
        answer = ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/Events",
            MetricName="MatchedEvents",
            Dimensions=[{"Name": "RuleName", "Value": name}],
            StartTime=datetime.fromtimestamp(now - silence.HISTORY_SECONDS, UTC),
            EndTime=datetime.fromtimestamp(now, UTC),
            Period=int(silence.HOUR),
            Statistics=["Sum"],
        )
        points = (answer or {}).get("Datapoints", [])
        hours += [each["Timestamp"].timestamp() for each in points if each["Sum"] > 0]
    return silence.arrivals(ITEM, hours, now, _FIX)
