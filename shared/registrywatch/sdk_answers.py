"""Answers of AWS that are cut in the middle: botocore takes what is left for a whole answer.

Half an answer in JSON is then an empty one: no item, no message, no target of a rule. Every client
goes through `whole` before its first use.
"""

from typing import Any


def whole(client: Any) -> Any:
    """The client; a call whose answer was cut raises botocore's IncompleteReadError.

    DynamoDB's answers are compared with their checksum before, and asked for again.
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
