"""Clients of AWS: one way to make them, and no truncated answer is taken for a whole one.

botocore reads a truncated JSON response as an empty one: no item, no message, no target of a rule.
"""

import logging
from typing import Any


def new_client(service: str, region: str | None = None, **limits: Any) -> Any:
    """A client of a service ("sqs"), in the shell's region if none is given.

    `limits` are botocore's: time-outs in seconds, retries. A truncated response raises botocore's
    IncompleteReadError; for DynamoDB botocore checks the response's checksum first, and repeats the
    call.
    """
    import boto3
    from botocore.config import Config

    _quiet()
    client = boto3.client(service, region_name=region, config=Config(**limits))
    client.meta.events.register("after-call", _refuse_truncated)
    return client


def _quiet() -> None:
    """botocore logs nothing below INFO: at DEBUG it would log session tokens and bodies."""
    logger = logging.getLogger("botocore")
    logger.setLevel(max(logger.level, logging.INFO))


def _refuse_truncated(http_response: Any, model: Any, **_: object) -> None:
    if model.has_streaming_output or model.http["method"] == "HEAD":
        return
    expected, body = http_response.headers.get("Content-Length"), http_response.content
    if expected is not None and int(expected) != len(body):
        from botocore.exceptions import IncompleteReadError

        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(expected))
