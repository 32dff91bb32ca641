"""Operations on Azure registries that give access to images, or decide which images there are.

Operations are those of Microsoft.ContainerRegistry and Microsoft.Authorization, by their names in
Event Grid and the Activity Log. Event Grid never shows the request; the Activity Log has it as JSON
text in `properties.requestbody`, if the resource provider includes it. What is not shown is None.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from registrywatch.events.azure_resources import (
    Credential,
    CredentialsIssued,
    Supply,
    SupplyChanged,
)
from registrywatch.sources import azure_names

_REGISTRIES = "microsoft.containerregistry/registries/"
ROLE_ASSIGNED = "microsoft.authorization/roleassignments/write"
_ASSIGNMENT = "/providers/microsoft.authorization/roleassignments/"

_CREDENTIALS: dict[str, Credential] = {
    "regeneratecredential/action": "regenerated",
    "generatecredentials/action": "generated",
    "listcredentials/action": "listed",
    "tasks/listdetails/action": "task secrets",
    "taskruns/listdetails/action": "task secrets",
    "tokens/write": "token",
    "scopemaps/write": "scope map",
}
_SUPPLY: dict[str, Supply] = {
    "tasks/write": "task",
    "taskruns/write": "task run",
    "schedulerun/action": "task run",
    "listbuildsourceuploadurl/action": "build source",
    "runs/listlogsasurl/action": "run log",
    "agentpools/write": "agent pool",
    "importimage/action": "import",
    "importpipelines/write": "import pipeline",
    "exportpipelines/write": "export pipeline",
    "pipelineruns/write": "pipeline run",
    "connectedregistries/write": "connected registry",
    "cacherules/write": "cache rule",
    "credentialsets/write": "credential set",
    "replications/write": "replication",
    "webhooks/write": "webhook",
    "privateendpointconnections/write": "private endpoint",
}
_DELETED: dict[str, Supply] = {
    "tasks/delete": "task",
    "connectedregistries/delete": "connected registry",
    "connectedregistries/deactivate/action": "connected registry",
    "cacherules/delete": "cache rule",
    "replications/delete": "replication",
}
OPERATIONS = frozenset(
    {
        ROLE_ASSIGNED,
        *(f"{_REGISTRIES}{each}" for each in (*_CREDENTIALS, *_SUPPLY, *_DELETED)),
    }
)
WITH_REQUEST = frozenset(
    {
        ROLE_ASSIGNED,
        *(
            f"{_REGISTRIES}{each}"
            for each in (
                "tokens/write",
                "tasks/write",
                "importimage/action",
                "cacherules/write",
                "webhooks/write",
            )
        ),
    }
)
"""Those whose request decides how bad they are: only the Activity Log shows the request."""

AT_ONCE = frozenset(
    f"{_REGISTRIES}{each}"
    for each in (
        "regeneratecredential/action",
        "generatecredentials/action",
        "listcredentials/action",
        "scopemaps/write",
        "exportpipelines/write",
        "importpipelines/write",
        "pipelineruns/write",
        "connectedregistries/write",
    )
)
"""Those in the Event Grid filter too, in infra/azure; the Activity Log is minutes later."""

# Built-in roles that have rights on images, or on who has them. Source: Microsoft's "Azure
# built-in roles" and "Azure Container Registry roles".
_ROLES = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "6cef56e8-d556-48e5-a04f-b8e64114680f": "AcrImageSigner",
    "cdda3590-29a3-44f6-95f2-9f980659eb04": "AcrQuarantineReader",
    "c8d4ff99-41c3-41a8-9f60-21dfdad59608": "AcrQuarantineWriter",
    "b93aa761-3e63-49ed-ac28-beffa264f7ac": "Container Registry Repository Reader",
    "2a1e307c-b015-4ebd-883e-5b7698a07328": "Container Registry Repository Writer",
    "2efddaa5-3f1f-4df3-97df-af3f13818f4c": "Container Registry Repository Contributor",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

Change = CredentialsIssued | SupplyChanged
Body = Mapping[str, Any]


def change(operation: str, resource: str, properties: msgspec.Raw) -> Change | None:
    """What happened; None if it was not about a registry.

    `operation` and `resource` are in lower case; `properties` are those of the record, if any.
    """
    if operation == ROLE_ASSIGNED:
        return _role(resource, _request(properties))
    if operation not in OPERATIONS or azure_names.registry_name(resource) is None:
        return None
    what = operation.removeprefix(_REGISTRIES)
    body = _request(properties)
    if what in _CREDENTIALS:
        of_all = _for_all_repositories(body) if what == "tokens/write" else None
        return CredentialsIssued(_CREDENTIALS[what], resource, all_repositories=of_all)
    if what in _DELETED:
        return SupplyChanged(_DELETED[what], resource, deleted=True)
    return SupplyChanged(
        _SUPPLY[what],
        resource,
        origin=_origin(what, body),
        identity=_has(body, "identity", "type") if what == "tasks/write" else None,
        credentials=_has(body, "properties", "credentialsetresourceid")
        if what == "cacherules/write"
        else None,
    )


def _role(resource: str, body: Body | None) -> CredentialsIssued | None:
    """An assignment at a registry or a part of it, or at a scope that may hold registries."""
    scope, found, _ = resource.rpartition(_ASSIGNMENT)
    if not found:
        return None
    at_registry = azure_names.registry_name(scope) is not None
    if not at_registry and not _may_hold_registries(scope):
        return None
    role = _text(body, "properties", "roledefinitionid")
    guid = role.rpartition("/")[2].lower() if role else None
    return CredentialsIssued(
        "role", scope, role=_ROLES.get(guid, guid) if guid else None, above=not at_registry
    )


def _may_hold_registries(scope: str) -> bool:
    """Whether a scope is a management group, a subscription or a resource group."""
    parts = scope.strip("/").split("/")
    if parts[:2] == ["providers", "microsoft.management"]:
        return True
    return parts[0] == "subscriptions" and (
        len(parts) == 2 or (len(parts) == 4 and parts[2] == "resourcegroups")
    )


def _for_all_repositories(body: Body | None) -> bool | None:
    """Whether a token has one of ACR's own scope maps, which are for all repositories."""
    scope_map = _text(body, "properties", "scopemapid")
    return None if scope_map is None else scope_map.rpartition("/")[2].startswith("_repositories_")


def _origin(what: str, body: Body | None) -> str | None:
    """The source of an import, or the host to which a webhook reports."""
    if what == "importimage/action":
        origin = _text(body, "source", "resourceid") or _text(body, "source", "registryuri")
        return origin.lower() if origin else None
    if what == "webhooks/write":
        uri = _text(body, "properties", "serviceuri")
        return uri.partition("://")[2].partition("/")[0].lower() or None if uri else None
    return None


def _has(body: Body | None, *path: str) -> bool | None:
    """Whether a request has a text at that path other than "none"; None without a request."""
    if body is None:
        return None
    return (_text(body, *path) or "none").lower() != "none"


def _text(body: Body | None, *path: str) -> str | None:
    """The text at a path of names in lower case, whatever their case in the request."""
    found: Any = body
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = next((value for key, value in found.items() if key.lower() == name), None)
    return found if isinstance(found, str) else None


def _request(properties: msgspec.Raw) -> Body | None:
    """The request in a record's properties, None if it can't be read: only details depend on it."""
    found = _decoded(bytes(properties)) if properties else None
    if isinstance(found, str):  # some exports write properties as JSON text
        found = _decoded(found.encode("utf-8", "replace"))
    if not isinstance(found, Mapping):
        return None
    body = next((value for key, value in found.items() if key.lower() == "requestbody"), None)
    if isinstance(body, str):
        body = _decoded(body.encode("utf-8", "replace"))
    return body if isinstance(body, Mapping) else None


def _decoded(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
