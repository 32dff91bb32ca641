"""Changes of Azure resources that some rule reads, in Event Grid and in the Activity Log."""

import msgspec

from registrywatch.events import (
    CredentialsIssued,
    MonitoringRemoved,
    RegistryChanged,
    RegistryDeleted,
    ScanPlanChanged,
    SupplyChanged,
)
from registrywatch.sources import azure_names, monitoring_operations, registry_operations

_REGISTRY_DELETE = "microsoft.containerregistry/registries/delete"
_REGISTRY_WRITES = frozenset(
    {
        "microsoft.containerregistry/registries/write",
        "microsoft.containerregistry/registries/updatepolicies/write",
        "microsoft.insights/diagnosticsettings/write",
    }
)
SCAN_PLANS = {
    "microsoft.security/pricings/write": False,
    "microsoft.security/pricings/delete": True,
}
"""Operations on Defender plans; True for those that delete one."""
OPERATIONS = frozenset(
    {
        _REGISTRY_DELETE,
        *_REGISTRY_WRITES,
        *SCAN_PLANS,
        *monitoring_operations.FEEDS,
        *monitoring_operations.PARTS,
        *registry_operations.OPERATIONS,
    }
)
"""All operations on resources that some rule reads, in lower case."""
_SCANNING = {"containers": "Containers", "cloudposture": "CloudPosture"}  # plans that scan images
_PRICINGS = "/providers/microsoft.security/pricings/"
_SETTING = "/providers/microsoft.insights/diagnosticsettings/"

_NONE = msgspec.Raw()

Change = (
    ScanPlanChanged
    | MonitoringRemoved
    | RegistryChanged
    | RegistryDeleted
    | CredentialsIssued
    | SupplyChanged
)


def is_read(operation: object) -> bool:
    """Whether some rule reads this operation on a resource."""
    return isinstance(operation, str) and operation.lower() in OPERATIONS


def change(
    operation: str | None, resource_id: str | None, properties: msgspec.Raw = _NONE
) -> Change | None:
    """What was changed; None if no rule reads it. `properties` are the Activity Log's."""
    did, resource = (operation or "").lower(), (resource_id or "").lower()
    if azure_names.registry_name(resource):
        if did == _REGISTRY_DELETE:
            return RegistryDeleted(resource)
        if did in _REGISTRY_WRITES:
            return RegistryChanged(resource.partition(_SETTING)[0])
    return (
        registry_operations.change(did, resource.rstrip("/"), properties)
        or _scan_plan(did, resource)
        or monitoring_operations.change(operation, resource_id)
    )


def _scan_plan(operation: str, resource_id: str) -> ScanPlanChanged | None:
    """The change, if it is one of a plan that scans images."""
    deleted = SCAN_PLANS.get(operation)
    scope, _, plan = resource_id.rpartition(_PRICINGS)
    if deleted is None or plan not in _SCANNING:
        return None
    return ScanPlanChanged(plan=_SCANNING[plan], scope=scope, deleted=deleted)


def twin(correlation_id: str | None, operation: str | None, resource_id: str | None) -> str | None:
    """A text that is the same in Event Grid and the Activity Log if both report one change."""
    if not correlation_id:
        return None
    return f"{correlation_id}|{operation}|{resource_id}".lower()
