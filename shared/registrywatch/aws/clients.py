"""AWS clients with one configuration, their errors, and the deadline of an invocation."""

import threading
from contextlib import AbstractContextManager
from functools import partial
from time import monotonic
from typing import Any

from registrywatch.errors import StoreError
from registrywatch.sdk import store_error

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
            from registrywatch.sdk.aws_client import new_client

            _clients[name] = new_client(
                service,
                region,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            )
        return _clients[name]


def store_errors(what: str) -> AbstractContextManager[None]:
    """Turn any error of the SDK into a StoreError about `what`.

    If a condition did not hold (compare-and-swap), that is a Conflict.
    """
    from registrywatch.sdk.aws_errors import aws_errors

    return aws_errors(partial(store_error, what))


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


class Service:
    """The calls of one AWS service. May be shared by threads, as a client may.

    Without `client`, this process's client is used. `deadline` refuses calls that would outlast the
    invocation.
    """

    def __init__(self, name: str, client: Any = None, deadline: Deadline | None = None) -> None:
        self._name = name
        self._client = client
        self._deadline = deadline or Deadline()

    def call(self, about: str, operation: str, **request: Any) -> Any:
        """The answer. Raises StoreError, a Conflict if a condition did not hold.

        `about` says in an error what was called, such as "queue alerts".
        """
        what = f"{about}: {operation}"
        self._deadline.check(what)
        try:
            return getattr(self._client or client(self._name), operation)(**request)
        except (
            Exception
        ) as error:  # as in store_errors, of which a call that succeeds loads nothing
            from registrywatch.sdk.aws_errors import failure_of

            failure = failure_of(error)
            if failure is None:
                raise
            raise store_error(what, failure) from error
