"""AWS clients with one configuration, their errors, and the deadline of an invocation."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from registrywatch.errors import NotAllowed, StoreError
from registrywatch.sdk_answers import whole
from registrywatch.sdk_logs import quiet_aws

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 1, 3, 4
"""A waiting caller holds a whole batch, which is delivered again if there is no answer."""

CALL_SECONDS = 20.0
"""The longest time that one call takes: four attempts, and the waits between them."""

_clients: dict[str, Any] = {}
_lock = threading.Lock()


def client(service: str, region: str | None = None) -> Any:
    """This process's client of a service ("dynamodb", "sqs"), made at the first call.

    Retries are `standard`: with `adaptive`, one throttled partition slows down all others, even
    minutes later (docs/performance.md).
    """
    with _lock:
        name = f"{service} in {region}" if region else service
        if name not in _clients:
            import boto3
            from botocore.config import Config

            limits = Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            )
            quiet_aws()
            _clients[name] = whole(boto3.client(service, region_name=region, config=limits))
        return _clients[name]


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Turn any error of the SDK into a StoreError about `what`.

    A condition that did not hold (compare-and-swap) becomes a `Refused`.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise Refused(dict(error.response).get("Item")) from error
        if error.response["Error"]["Code"] in _NOT_ALLOWED:
            raise NotAllowed(f"{what}: {error}") from error
        raise StoreError(f"{what}: {error}") from error
    except NoCredentialsError as error:
        said = "no AWS credentials were found: set AWS_PROFILE, or sign in with the AWS CLI"
        raise StoreError(f"{what}: {said}") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise StoreError(f"{what}: {error}") from error


_NOT_ALLOWED = (
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
)


class Refused(Exception):
    """A condition did not hold; `item` is the present item, if the call asked for it."""

    def __init__(self, item: Any) -> None:
        super().__init__("the condition did not hold")
        self.item = item


class Deadline:
    """When an invocation ends.

    A call with all its retries can outlast the invocation; then the whole batch is delivered again,
    including what was already counted. If the call is refused instead, only its own group fails.
    """

    def __init__(self) -> None:
        self._ends = float("inf")

    def begin(self, seconds_left: float) -> None:
        """Begin an invocation that may run for `seconds_left`."""
        self._ends = monotonic() + seconds_left

    def check(self, what: str) -> None:
        """Raise StoreError if a call may no longer finish in time."""
        if monotonic() > self._ends - CALL_SECONDS:
            raise StoreError(f"{what}: no time was left in this invocation for a call")
