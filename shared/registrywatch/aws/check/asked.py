"""Read-only calls of AWS: an answer, None if the resource does not exist, or StoreError."""

from collections.abc import Iterator
from typing import Any

from registrywatch.aws.clients import client, store_errors

Json = dict[str, Any]

ABSENT = (
    "ResourceNotFoundException",
    "ResourceNotFound",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ParameterNotFound",
    "NotFound",
    "NotFoundException",
    "ValidationError",  # CloudFormation's for a stack that does not exist
)


def ask(service: str, operation: str, **request: Any) -> Json | None:
    """The answer; None if AWS says that there is no such resource. Raises StoreError."""
    from botocore.exceptions import ClientError

    what = f"{service}:{operation}"
    with store_errors(what):
        try:
            answer: Json = getattr(client(service), operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return None
            raise
    return answer


def pages(service: str, operation: str, member: str, **request: Any) -> Iterator[Any]:
    """The elements of all pages. Raises StoreError."""
    with store_errors(f"{service}:{operation}"):
        for page in client(service).get_paginator(operation).paginate(**request):
            yield from page.get(member, ())
