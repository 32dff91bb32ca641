"""Event Grid events and Azure Monitor records, shaped as Microsoft's documentation shows them."""

import itertools
from datetime import UTC, datetime
from typing import Any

from tests.builders.cloudtrail import START, Json, digest

SUBSCRIPTION = "00000000-0000-0000-0000-000000000009"
REGISTRY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-demo/providers"
    "/Microsoft.ContainerRegistry/registries/example"
)
HOST = "example.azurecr.io"

_numbers = itertools.count(1)


def _id() -> str:
    return f"33333333-0000-4000-8000-{next(_numbers):012d}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(START + at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


# Event Grid


def image_event(
    kind: str,
    target: Json,
    *,
    at: float = 0,
    request: str | None = None,
    topic: str = REGISTRY,
    **data: Any,
) -> Json:
    """An event of the registry in Event Grid's own schema; `data` adds optional members."""
    number = _id()
    action = {"ImagePushed": "push", "ImageDeleted": "delete"}.get(kind, kind)
    tag = target.get("tag")
    return {
        "id": number,
        "topic": topic,
        "subject": f"{target.get('repository')}:{tag}" if tag else target.get("repository"),
        "eventType": f"Microsoft.ContainerRegistry.{kind}",
        "eventTime": _time(at),
        "data": {
            "id": number,
            "timestamp": _time(at),
            "action": action,
            "target": target,
            "request": {
                "id": request or _id(),
                "host": HOST,
                "method": "PUT" if action == "push" else "DELETE",
                "useragent": "docker/27.0.3",
            },
            **data,
        },
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }


def pushed(image: int, tag: str | None = "v1", repository: str = "orders-api", **more: Any) -> Json:
    """ImagePushed; without a tag it is a part of a multi-platform image."""
    target: Json = {
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "size": 3023,
        "digest": digest(image),
        "length": 3023,
        "repository": repository,
    }
    if tag is not None:
        target["tag"] = tag
    return image_event("ImagePushed", target, **more)


def deleted(image: int | None, repository: str = "orders-api", **more: Any) -> Json:
    """ImageDeleted; without an image it names no digest."""
    target: Json = {"repository": repository}
    if image is not None:
        target["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json"
        target["digest"] = digest(image)
    return image_event("ImageDeleted", target, **more)


def cloud_event(event: Json) -> Json:
    """The same event in the CloudEvents schema."""
    return {
        "specversion": "1.0",
        "id": event["id"],
        "source": event["topic"],
        "subject": event["subject"],
        "type": event["eventType"],
        "time": event["eventTime"],
        "data": event["data"],
    }


def resource_event(
    operation: str, resource: str, *, at: float = 0, correlation: str | None = None
) -> Json:
    """ResourceWriteSuccess or ResourceDeleteSuccess of the subscription."""
    kind = "Delete" if operation.lower().endswith("/delete") else "Write"
    return {
        "id": _id(),
        "topic": f"/subscriptions/{SUBSCRIPTION}",
        "subject": resource,
        "eventType": f"Microsoft.Resources.Resource{kind}Success",
        "eventTime": _time(at),
        "data": {
            "authorization": {
                "scope": resource,
                "action": operation,
                "evidence": {"role": "Owner", "principalId": "p-1", "principalType": "User"},
            },
            "claims": {"name": "Mallory", "appid": "app-1", "ipaddr": "203.0.113.66"},
            "correlationId": correlation or _id(),
            "httpRequest": None,
            "resourceProvider": operation.split("/")[0],
            "resourceUri": resource,
            "operationName": operation,
            "status": "Succeeded",
            "subscriptionId": SUBSCRIPTION,
            "tenantId": "t-1",
        },
        "dataVersion": "2",
        "metadataVersion": "1",
    }


def pricings(plan: str, scope: str = f"/subscriptions/{SUBSCRIPTION}") -> str:
    """The resource id of a Defender plan, of a subscription or of one registry."""
    return f"{scope}/providers/Microsoft.Security/pricings/{plan}"


# Event Hub


def log(
    operation: str,
    *,
    repository: str = "orders-api",
    tag: str | None = "<nil>",
    image: str | None = "<nil>",
    status: str = "200",
    identity: str | None = "user@example.com",
    at: float = 0,
    **more: Any,
) -> Json:
    """A record of the registry's resource log; what is missing is the text "<nil>"."""
    return {
        "time": _time(at),
        "category": "ContainerRegistryRepositoryEvents",
        "resourceId": REGISTRY.upper(),
        "operationName": operation,
        "identity": identity,
        "location": "westeurope",
        "resultType": "HttpStatusCode",
        "resultDescription": status,
        "durationMs": "38.212784",
        "callerIpAddress": "203.0.113.40",
        "correlationId": _id(),
        "properties": {
            "tag": tag,
            "digest": image,
            "mediaType": "<nil>",
            "repository": repository,
            "artifactType": "acr.docker",
            "tenantId": "t-1",
            "loginServer": HOST,
            "userAgent": "containerd/1.7.2",
        },
        "RegionStamp": "weu-1",
        **more,
    }


def pulled(image: int, tag: str = "v1", **more: Any) -> Json:
    """A pull by tag, as the resource log tells it."""
    return log("Pull", image=digest(image), tag=tag, **more)


def activity(operation: str, resource: str, result: str = "Success", **more: Any) -> Json:
    """A record of the Activity Log, which writes names in capitals."""
    return {
        "time": _time(more.pop("at", 0)),
        "resourceId": resource.upper(),
        "operationName": operation.upper(),
        "category": "Write",
        "resultType": result,
        "resultSignature": "Succeeded.",
        "durationMs": 2826,
        "callerIpAddress": "203.0.113.66",
        "correlationId": more.pop("correlation", None) or _id(),
        "identity": {
            "authorization": {"evidence": {"principalId": "p-1", "principalType": "User"}},
            "claims": {"name": "Mallory", "appid": "app-1"},
        },
        "level": "Information",
        "location": "global",
        "properties": {"statusCode": "OK", "serviceRequestId": "r-1"},
        **more,
    }


def records(*each: Json) -> Json:
    """An Event Hub message: many records each."""
    return {"records": list(each)}
