"""The table, until an invocation is nearly over.

A call that is tried again and again can outlast the invocation, and then the whole batch is lost
time: also what had been counted comes again. Refused instead, it fails its own group alone.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

from registrywatch.aws.window_store import Client
from registrywatch.errors import StoreError

NEEDED_SECONDS = 20.0  # four attempts of up to 3 s, and the waits between them


class InTime:
    """DynamoDB's client, connected at the first call; `begin` says how long an invocation has."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._client: Client | None = None
        self._last_call = float("inf")

    def begin(self, seconds_left: float) -> None:
        """Begins an invocation."""
        self._last_call = monotonic() + seconds_left - NEEDED_SECONDS

    def update_item(self, **request: object) -> dict[str, Any]:
        return self._in_time().update_item(**request)

    def get_item(self, **request: object) -> dict[str, Any]:
        return self._in_time().get_item(**request)

    def query(self, **request: object) -> dict[str, Any]:
        return self._in_time().query(**request)

    def _in_time(self) -> Client:
        if monotonic() > self._last_call:
            raise StoreError("no time was left in this invocation to ask the table")
        if self._client is None:
            self._client = self._connect()
        return self._client
