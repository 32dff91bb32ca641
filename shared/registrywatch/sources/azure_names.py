"""Azure's resource ids and the names of people, in one spelling.

Neither has a fixed letter case: Event Grid writes resource ids in mixed case, logs in capitals, and
a person signs in as Alice@… or alice@…. Here ids are in lower case; names stay as written.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from registrywatch.events import Actor

_SUBSCRIPTION = r"(?i)/subscriptions/([^/]+)"
_REGISTRY = r"(?i)/Microsoft\.ContainerRegistry/registries/([^/]+)"

_REPLICA = r"^([a-z0-9-]+)\.[a-z0-9]+\.(?:geo|data)\.(azurecr\.[a-z]+)$"
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def subscription(resource_id: str | None) -> str | None:
    """The subscription in a resource id, lower case."""
    found = re.search(_SUBSCRIPTION, resource_id or "")
    return found[1].lower() if found else None


def registry_name(resource_id: str | None) -> str | None:
    """The container registry in a resource id, lower case; also in a connected registry's id."""
    found = re.search(_REGISTRY, resource_id or "")
    return found[1].lower() if found else None


def registry_id(resource_id: str | None) -> str | None:
    """The registry's resource id, from its own id or that of a part of it, lower case."""
    found = re.search(_REGISTRY, resource_id or "")
    return (resource_id or "")[: found.end()].lower() if found else None


def login_server(resource_id: str | None, host: str | None = None) -> str | None:
    """The registry's host: from the record, else its name in public Azure.

    In another Azure the deployment, which knows where it runs, replaces the domain. A replica's
    hosts, such as example.westeurope.geo.azurecr.io, become the registry's.
    """
    if host:
        return re.sub(_REPLICA, r"\1.\2", host.lower())
    name = registry_name(resource_id)
    return f"{name}.azurecr.io" if name else None


def registry_label(host: str | None) -> str | None:
    """The registry's name in its login server, lower case."""
    return host.partition(".")[0].lower() if host else None


def address(text: str | None) -> str | None:
    """An IP address without its port."""
    if not text:
        return None
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, _ = text.partition(":")
    return host if text.count(":") == 1 else text


class Evidence(msgspec.Struct):
    principalId: str | None = None
    principalType: str | None = None


class Authorization(msgspec.Struct):
    evidence: Evidence | None = None


def arm_actor(
    claims: Mapping[str, Any] | None, authorization: Authorization | None, ip: str | None
) -> Actor:
    """Who changed a resource through Azure Resource Manager: the user, else the app or object.

    The readers of lists of the Activity Log put `caller` among the claims.
    """
    claims = claims or {}
    evidence = (authorization.evidence if authorization else None) or Evidence()

    def claim(*names: str) -> str | None:
        found = (claims.get(name) for name in names)
        return next((text for text in found if isinstance(text, str) and text), None)

    user = claim("upn", _CLAIMS + "upn", _CLAIMS + "name")
    who = user or claim("appid") or claim("oid", _OBJECT_ID) or evidence.principalId
    who = who or claim("caller", _CLAIMS + "emailaddress")
    return Actor(
        id=who.lower() if who else None,
        name=claim("name") or who,
        type=evidence.principalType,
        ip=address(claim("ipaddr") or ip),
    )
