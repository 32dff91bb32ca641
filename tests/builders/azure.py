"""Events of Azure Container Registry and its subscription, and the envelopes around them."""

import itertools
import json
from typing import Any

from tests.builders.clock import T0, iso_precise
from tests.builders.cloudtrail import Json, digest

SUBSCRIPTION = "00000000-0000-0000-0000-000000000009"
REGISTRY = "example"

_ids = itertools.count(1)


def registry_id(registry: str = REGISTRY) -> str:
    """The registry's resource id."""
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-demo"
        f"/providers/Microsoft.ContainerRegistry/registries/{registry}"
    )


# Event Grid, in its own schema


def event_grid(
    event_type: str,
    data: Json,
    *,
    subject: str = "",
    topic: str | None = None,
    at: float = T0,
    event_id: str | None = None,
) -> Json:
    """An event in Event Grid's schema."""
    return {
        "id": event_id or f"33333333-0000-4000-8000-{next(_ids):012d}",
        "topic": topic or registry_id(),
        "subject": subject,
        "eventType": event_type,
        "eventTime": iso_precise(at),
        "data": data,
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }


def _image_event(
    action: str, target: Json, request: str | None, by: str | None, registry: str, **more: Any
) -> Json:
    data: Json = {
        "id": f"44444444-0000-4000-8000-{next(_ids):012d}",
        "timestamp": iso_precise(more.get("at", T0)),
        "action": action,
        "target": target,
    }
    if request:
        data["request"] = {
            "id": request,
            "host": f"{registry}.azurecr.io",
            "method": "PUT" if action == "push" else "DELETE",
            "useragent": "docker/27.0.3",
        }
    if by:
        data["actor"] = {"name": by}
    kind = {"push": "ImagePushed", "delete": "ImageDeleted"}[action]
    subject = ":".join(filter(None, (target.get("repository"), target.get("tag"))))
    return event_grid(
        f"Microsoft.ContainerRegistry.{kind}",
        data,
        subject=subject,
        topic=registry_id(registry),
        **more,
    )


def pushed(
    tag: str | None = "v1",
    image: str = "app",
    repository: str = "orders-api",
    *,
    request: str | None = None,
    by: str | None = None,
    registry: str = REGISTRY,
    **more: Any,
) -> Json:
    """ImagePushed: one for each manifest."""
    target = {"digest": digest(image), "repository": repository, "size": 3023}
    if tag:
        target["tag"] = tag
    return _image_event("push", target, request or f"r{next(_ids)}", by, registry, **more)


def deleted(
    image: str | None = "app",
    repository: str = "orders-api",
    *,
    request: str | None = None,
    by: str | None = None,
    registry: str = REGISTRY,
    **more: Any,
) -> Json:
    """ImageDeleted; without an image it has no digest."""
    target = {"repository": repository}
    if image:
        target["digest"] = digest(image)
    return _image_event("delete", target, request or f"r{next(_ids)}", by, registry, **more)


def resource_changed(
    operation: str,
    resource: str,
    *,
    by: str = "alice@example.com",
    correlation: str | None = None,
    **more: Any,
) -> Json:
    """ResourceWriteSuccess, …DeleteSuccess or …ActionSuccess of the subscription."""
    change = operation.rpartition("/")[2].title()
    data = {
        "authorization": {
            "scope": resource,
            "action": operation,
            "evidence": {"role": "Owner", "principalType": "User"},
        },
        "claims": {
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": by,
            "name": by.partition("@")[0].title(),
            "ipaddr": "203.0.113.10",
        },
        "correlationId": correlation or f"55555555-0000-4000-8000-{next(_ids):012d}",
        "resourceProvider": operation.partition("/")[0],
        "resourceUri": resource,
        "operationName": operation,
        "status": "Succeeded",
        "subscriptionId": SUBSCRIPTION,
    }
    return event_grid(
        f"Microsoft.Resources.Resource{change}Success",
        data,
        subject=resource,
        topic=f"/subscriptions/{SUBSCRIPTION}",
        **more,
    )


def plan_changed(
    plan: str = "Containers", *, deleted: bool = False, scope: str | None = None, **more: Any
) -> Json:
    """A Defender plan is written, or its override at a registry is deleted."""
    at = scope or f"/subscriptions/{SUBSCRIPTION}"
    operation = f"Microsoft.Security/pricings/{'delete' if deleted else 'write'}"
    return resource_changed(operation, f"{at}/providers/Microsoft.Security/pricings/{plan}", **more)


def cloud_event(event: Json) -> Json:
    """The same event in the CloudEvents schema."""
    return {
        "id": event["id"],
        "source": event["topic"],
        "subject": event["subject"],
        "type": event["eventType"],
        "time": event["eventTime"],
        "data": event["data"],
        "specversion": "1.0",
    }


# Azure Monitor


def logged(
    operation: str = "Pull",
    image: str | None = "app",
    tag: str | None = "v1",
    repository: str = "orders-api",
    *,
    status: str = "200",
    by: str = "user@example.com",
    at: float = T0,
    registry: str = REGISTRY,
    ip: str = "203.0.113.40",
    agent: str = "containerd/1.7.2",
    correlation: str | None = None,
) -> Json:
    """A record of the registry's resource log; missing values are the text "<nil>"."""
    return {
        "time": iso_precise(at),
        "category": "ContainerRegistryRepositoryEvents",
        "resourceId": registry_id(registry).upper(),
        "operationName": operation,
        "identity": by,
        "location": "westeurope",
        "resultType": "HttpStatusCode",
        "resultDescription": status,
        "durationMs": "41.5",
        "callerIpAddress": ip,
        "correlationId": correlation or f"66666666-0000-4000-8000-{next(_ids):012d}",
        "properties": {
            "tag": tag or "<nil>",
            "digest": digest(image) if image else "<nil>",
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "repository": repository,
            "artifactType": "acr.docker",
            "loginServer": f"{registry}.azurecr.io",
            "userAgent": agent,
        },
        "RegionStamp": "weu-1",
    }


def activity(
    operation: str,
    resource: str,
    *,
    result: str = "Success",
    at: float = T0,
    by: str = "alice@example.com",
    correlation: str | None = None,
    request: Json | None = None,
) -> Json:
    """A record of the Activity Log, in capitals as an Event Hub receives it."""
    body = {} if request is None else {"requestbody": json.dumps(request)}
    return {
        "time": iso_precise(at),
        "resourceId": resource.upper(),
        "operationName": operation.upper(),
        "category": "Administrative",
        "resultType": result,
        "callerIpAddress": "203.0.113.10",
        "correlationId": correlation or f"55555555-0000-4000-8000-{next(_ids):012d}",
        "identity": {
            "authorization": {"scope": resource, "evidence": {"principalType": "User"}},
            "claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": by},
        },
        "level": "Information",
        "location": "global",
        "properties": {"statusCode": "OK", **body},
    }


def hub(*records: Json) -> Json:
    """The body of an Event Hub message."""
    return {"records": list(records)}
