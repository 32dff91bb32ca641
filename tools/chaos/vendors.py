"""The vendors' own servers instead of the simulated tables, behind the same faults."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from azure.core.exceptions import ServiceResponseError
from botocore.exceptions import ReadTimeoutError

from tools.chaos.faults import Faults

Tables = Callable[[Faults], Any]
"""Makes the replacement of a cloud's tables: DynamoDB's client, or one for each Azure table."""

_WRITES = {
    "put_item",
    "update_item",
    "create_entity",
    "update_entity",
    "upsert_entity",
    "submit_transaction",
}


class Behind:
    """A client whose calls all go through faults; lists are read completely at once."""

    def __init__(self, client: Any, faults: Faults, error: Callable[[str], Exception]) -> None:
        self._client = client
        self._faults = faults
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def call(*given: Any, **named: Any) -> Any:
            def now() -> Any:
                answer = method(*given, **named)
                return iter([*answer]) if name == "query_entities" else answer

            return self._faults.around("table", now, self._error, writes=name in _WRITES)

        return call


def dynamodb(client: Any) -> Tables:
    """DynamoDB Local."""

    def error(_: str) -> Exception:
        return cast("Exception", ReadTimeoutError(endpoint_url="https://dynamodb.chaos.test"))

    return lambda faults: Behind(client, faults, error)


def azurite(clients: Mapping[str, Any]) -> Tables:
    """Azurite's tables, by name."""
    return lambda faults: {
        name: Behind(client, faults, ServiceResponseError) for name, client in clients.items()
    }
