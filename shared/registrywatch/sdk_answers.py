"""Refuses truncated responses from AWS, which botocore accepts as complete.

botocore reads a truncated JSON response as an empty one: no item, no message, no target of a rule.
Every client goes through `whole` before its first use.
"""

from typing import Any


def whole(client: Any) -> Any:
    """The client; a call whose response is truncated raises botocore's IncompleteReadError.

    For DynamoDB, botocore checks the response's checksum first, and repeats the call.
    """
    client.meta.events.register("after-call", _refuse_cut)
    return client


def _refuse_cut(http_response: Any, model: Any, **_: object) -> None:
    if model.has_streaming_output or model.http["method"] == "HEAD":
        return
    expected, body = http_response.headers.get("Content-Length"), http_response.content
    if expected is not None and int(expected) != len(body):
        from botocore.exceptions import IncompleteReadError

        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(expected))
