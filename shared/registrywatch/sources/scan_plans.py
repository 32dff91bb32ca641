"""Writes and deletes of the Defender plans that scan images, in whatever record they are told."""

from registrywatch.events import ScanPlanChanged

_PLANS = {"containers": "Containers", "cloudposture": "CloudPosture"}
_PRICINGS = "/providers/microsoft.security/pricings/"
OPERATIONS = {
    "microsoft.security/pricings/write": False,
    "microsoft.security/pricings/delete": True,
}


def is_read(operation: object) -> bool:
    """Whether an operation on a resource is one of those."""
    return isinstance(operation, str) and operation.lower() in OPERATIONS


def change(operation: str | None, resource_id: str | None) -> ScanPlanChanged | None:
    """The change, if a plan that matters was changed: only Containers and CloudPosture scan."""
    deleted = OPERATIONS.get((operation or "").lower())
    scope, _, plan = (resource_id or "").lower().rpartition(_PRICINGS)
    if deleted is None or plan not in _PLANS:
        return None
    return ScanPlanChanged(plan=_PLANS[plan], scope=scope, deleted=deleted)
