"""Whether a trail records ECR's management events, reads included: EventBridge needs it."""

from collections.abc import Iterator
from typing import Any

from registrywatch.aws.check.calls import Json, ask
from registrywatch.checks import Item, right, wrong
from registrywatch.sources import trails

NAME = "trail"
_SELECTORS = '\'[{"ReadWriteType":"All","IncludeManagementEvents":true}]\''


def trail(region: str) -> Item:
    """The item. Raises StoreError."""
    described = ask("cloudtrail", "describe_trails", includeShadowTrails=True) or {}
    in_region = [
        each
        for each in described.get("trailList", ())
        if each.get("IsMultiRegionTrail") or each.get("HomeRegion") == region
    ]
    recorded: frozenset[trails.ReadWriteType] = frozenset()
    logging: list[str] = []
    for each in in_region:
        if not (ask("cloudtrail", "get_trail_status", Name=each["TrailARN"]) or {}).get(
            "IsLogging"
        ):
            continue
        logging.append(each["Name"])
        recorded |= _recorded(each)
    if recorded == trails.BOTH:
        names = ", ".join(logging)
        return right(NAME, f"{names} records the management events of {region}, reads included")
    return wrong(NAME, *_fault(in_region, logging, recorded, region))


def _recorded(described: Json) -> frozenset[trails.ReadWriteType]:
    selectors = ask("cloudtrail", "get_event_selectors", TrailName=described["TrailARN"]) or {}
    basic, advanced = selectors.get("EventSelectors"), selectors.get("AdvancedEventSelectors")
    if not basic and not advanced:
        return trails.BOTH  # a trail without selectors records all management events
    return trails.recorded(basic, advanced)


def _fault(
    in_region: list[Any], logging: list[str], recorded: frozenset[trails.ReadWriteType], region: str
) -> Iterator[str]:
    if not in_region:
        yield f"no trail records {region}"
        yield (
            "aws cloudtrail create-trail --name registrywatch --is-multi-region-trail "
            "--s3-bucket-name BUCKET && aws cloudtrail start-logging --name registrywatch"
        )
    elif not logging:
        yield f"no trail of {region} is logging"
        yield f"aws cloudtrail start-logging --name {in_region[0]['Name']}"
    else:
        lost = " and ".join(sorted(trails.BOTH - recorded))
        yield f"no trail of {region} records the {lost} management events of ECR"
        yield (
            f"aws cloudtrail put-event-selectors --trail-name {logging[0]} "
            f"--event-selectors {_SELECTORS}"
        )
