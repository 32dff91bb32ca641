"""What the clouds' SDKs share: their errors in one vocabulary, and as registrywatch's own errors.

Each cloud has one module that knows its SDK's errors: `aws_errors` and `azure_errors`. Nothing else
names an error of an SDK.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import msgspec

from registrywatch.errors import (
    Conflict,
    NotAllowed,
    NotFound,
    StoreError,
    Undecodable,
    UnreadableInput,
)

Kind = Literal[
    "conflict",  # it exists already, or has changed: a condition of the call did not hold
    "missing",  # what the call names does not exist
    "denied",  # the identity lacks the right
    "credentials",  # there are no credentials, or the cloud does not accept them
    "throttled",  # too many calls
    "unavailable",  # the service itself failed
    "no_answer",  # no connection, no answer in time, or an answer that was cut
    "undecodable",  # a whole answer, whose content can't be decoded
    "invalid",  # the call can't be made: its parameters or the configuration are wrong
    "refused",  # any other answer that is an error
]


class Failure(msgspec.Struct, frozen=True):
    """What an error of an SDK means.

    `code` is the service's own, or else the name of the SDK's error. `detail` is the SDK's text in
    one line, `hint` a plainer sentence where we have one. `status` is the HTTP status, None
    without an answer. `item` is the present item if a condition did not hold and the call asked for
    it.
    """

    kind: Kind
    code: str
    detail: str
    hint: str = ""
    status: int | None = None
    item: Any = None

    @property
    def said(self) -> str:
        """What is wrong, in one line, for people."""
        return self.hint or self.detail

    @property
    def temporary(self) -> bool:
        """Whether the same call may succeed later."""
        return self.kind in ("throttled", "unavailable", "no_answer")


@contextmanager
def translating(
    failure_of: Callable[[Exception], Failure | None],
    error_for: Callable[[Failure], Exception],
) -> Iterator[None]:
    """Raise `error_for(failure)` in place of an SDK's error; other errors pass."""
    try:
        yield
    except ImportError:  # the SDK is not installed, so its errors can't be imported either
        raise
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        raise error_for(failure) from error


def store_error(what: str, failure: Failure) -> StoreError:
    """The error about `what`, a store or queue and the call: a StoreError or one of its kinds."""
    text = f"{what}: {failure.said}"
    match failure.kind:
        case "conflict":
            return Conflict(text, failure.item)
        case "missing":
            return NotFound(text)
        case "denied":
            return NotAllowed(text)
        case "undecodable":
            return Undecodable(text)
    return StoreError(text)


def input_error(hints: Mapping[str, str], failure: Failure) -> Exception:
    """UnreadableInput; OSError if another attempt may succeed.

    `hints` are the reader's own sentences, by the service's code or by kind.
    """
    if failure.temporary:
        return OSError(failure.said)
    known = hints.get(failure.code) or failure.hint or hints.get(failure.kind)
    return UnreadableInput(known or failure.detail)


def one_line(text: object) -> str:
    """The text without line breaks."""
    return " ".join(str(text).split())
