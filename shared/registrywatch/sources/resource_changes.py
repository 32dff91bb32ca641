"""Changes of Azure resources that somebody reads, told by Event Grid and by the Activity Log."""

from registrywatch.events import MonitoringRemoved, RegistryDeleted, ScanPlanChanged
from registrywatch.sources import azure_names, monitoring, scan_plans

_REGISTRY_DELETE = "microsoft.containerregistry/registries/delete"


def is_read(operation: object) -> bool:
    """Whether somebody reads this operation on a resource."""
    return (
        scan_plans.is_read(operation)
        or monitoring.is_read(operation)
        or (isinstance(operation, str) and operation.lower() == _REGISTRY_DELETE)
    )


def change(
    operation: str | None, resource_id: str | None
) -> ScanPlanChanged | MonitoringRemoved | RegistryDeleted | None:
    """What was changed; None if nobody reads it."""
    if (operation or "").lower() == _REGISTRY_DELETE and azure_names.registry_name(resource_id):
        return RegistryDeleted((resource_id or "").lower())
    return scan_plans.change(operation, resource_id) or monitoring.change(operation, resource_id)


def twin(correlation_id: str | None, operation: str | None, resource_id: str | None) -> str | None:
    """What Event Grid and the Activity Log agree upon when they tell of one and the same change."""
    if not correlation_id:
        return None
    return f"{correlation_id}|{operation}|{resource_id}".lower()
