"""Read-only calls of AWS: an answer, None if the resource does not exist, or StoreError."""

from collections.abc import Iterator
from typing import Any

from registrywatch.aws.clients import client, store_errors
from registrywatch.errors import NotFound

Json = dict[str, Any]


def ask(service: str, operation: str, **request: Any) -> Json | None:
    """The answer; None if AWS says that there is no such resource. Raises StoreError."""
    try:
        with store_errors(f"{service}:{operation}"):
            answer: Json = getattr(client(service), operation)(**request)
    except NotFound:
        return None
    return answer


def pages(service: str, operation: str, member: str, **request: Any) -> Iterator[Any]:
    """The elements of all pages. Raises StoreError."""
    with store_errors(f"{service}:{operation}"):
        for page in client(service).get_paginator(operation).paginate(**request):
            yield from page.get(member, ())
