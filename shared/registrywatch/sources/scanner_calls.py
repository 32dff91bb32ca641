"""What each call changed in Amazon Inspector's scanning of images. Members are its API's."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from registrywatch.events import (
    FindingsSuppressed,
    InspectorDisabled,
    InspectorMemberRemoved,
    RescanDurationSet,
    What,
)
from registrywatch.sources.wide_record import WideRecord, WideRequest

Reader = Callable[[WideRecord], What | None]

_NO_REQUEST = WideRequest()
_OTHER_CRITERIA = ("ec2instance", "lambdafunction", "coderepository", "machineimage", "cloudvm")
_IMAGE_TYPES = ("AWS_ECR_CONTAINER_IMAGE", "AWS_ECR_REPOSITORY")


class EcrConfiguration(msgspec.Struct):
    rescanDuration: str | None = None
    pullDateRescanDuration: str | None = None


_ecr = msgspec.json.Decoder(EcrConfiguration | None).decode
_criteria = msgspec.json.Decoder(dict[str, Any] | None).decode
_text = msgspec.json.Decoder(str | None).decode
_texts = msgspec.json.Decoder(list[str] | None).decode


def disable(record: WideRecord) -> What | None:
    """Disable: for some accounts and some kinds of resources, or for the caller and all kinds."""
    request = record.requestParameters or _NO_REQUEST
    return InspectorDisabled(
        tuple(_texts(request.resourceTypes) or ()),
        tuple(_texts(request.accountIds) or ()),
        omitted=bool(request.omitted),
    )


def set_filter(record: WideRecord) -> What | None:
    """CreateFilter, UpdateFilter: only filters that suppress findings matter.

    An update may name new criteria alone; then the event does not show what the filter does.
    """
    request = record.requestParameters or _NO_REQUEST
    if request.omitted or not record.requestParameters:
        return FindingsSuppressed("", on_images=True, omitted=True)
    action = (_text(request.action) or "").upper()
    unsaid = (
        not action
        and record.eventName == "UpdateFilter"
        and bool(_criteria(request.filterCriteria))
    )
    if action != "SUPPRESS" and not unsaid:
        return None
    name = _text(request.name) or _text(request.filterArn) or ""
    return FindingsSuppressed(name, _on_images(_criteria(request.filterCriteria) or {}))


def _on_images(criteria: Mapping[str, Any]) -> bool:
    """Whether findings on images can match: all kinds of criteria have to match."""
    names = [name.lower() for name, values in criteria.items() if values]
    if any(name.startswith(_OTHER_CRITERIA) for name in names):
        return False
    types = criteria.get("resourceType")
    if not isinstance(types, list) or not types:
        return True
    return any(
        isinstance(each, dict) and _is_on_images(each) == _is_positive(each) for each in types
    )


def _is_on_images(criterion: Mapping[str, Any]) -> bool:
    """Whether a criterion on the type names images: by a type's name or its beginning."""
    value = str(criterion.get("value") or "").upper()
    if criterion.get("comparison") == "PREFIX":
        return any(each.startswith(value) for each in _IMAGE_TYPES)
    return value in _IMAGE_TYPES


def _is_positive(criterion: Mapping[str, Any]) -> bool:
    return not str(criterion.get("comparison", "")).startswith("NOT")


def remove_member(record: WideRecord) -> What | None:
    """DisassociateMember."""
    request = record.requestParameters or _NO_REQUEST
    return InspectorMemberRemoved(_text(request.accountId))


def remove_administrator(record: WideRecord) -> What | None:
    """DisableDelegatedAdminAccount."""
    request = record.requestParameters or _NO_REQUEST
    return InspectorMemberRemoved(_text(request.delegatedAdminAccountId), administrator=True)


def set_configuration(record: WideRecord) -> What | None:
    """UpdateConfiguration: the part about images."""
    request = record.requestParameters or _NO_REQUEST
    if request.omitted or not record.requestParameters:
        return RescanDurationSet(omitted=True)
    ecr = _ecr(request.ecrConfiguration)
    return RescanDurationSet(ecr.rescanDuration, ecr.pullDateRescanDuration) if ecr else None


CALLS: dict[str, dict[str, Reader]] = {
    "inspector2.amazonaws.com": {
        "Disable": disable,
        "CreateFilter": set_filter,
        "UpdateFilter": set_filter,
        "DisassociateMember": remove_member,
        "DisableDelegatedAdminAccount": remove_administrator,
        "UpdateConfiguration": set_configuration,
    }
}
"""The calls by event source."""
INNER = {
    "resourceTypes": list[str] | None,
    "accountIds": list[str] | None,
    "filterCriteria": dict[str, Any] | None,
    "ecrConfiguration": EcrConfiguration | None,
}
"""The types of the members that are left undecoded in a WideRecord."""
