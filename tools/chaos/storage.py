"""Simulated clients of Azure Storage's tables and queues, with the calls of registrywatch."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceResponseError,
)

from tools.chaos.faults import Faults
from tools.chaos.queues import Held, Messages
from tools.chaos.world import Unsupported

_RANGE = "PartitionKey eq @group and RowKey ge @first and RowKey lt @end"


class Entity(dict[str, Any]):
    """An entity with its etag."""

    def __init__(self, values: Mapping[str, Any], etag: str) -> None:
        super().__init__(values)
        self.metadata = {"etag": etag}


class TableClient:
    """The client of one table."""

    def __init__(self, name: str, faults: Faults) -> None:
        self.table_name = name
        self._faults = faults
        self._etags = itertools.count(1)
        self._partitions: dict[str, dict[str, Entity]] = {}

    def get_entity(self, partition: str, row: str) -> Entity:
        return self._around(lambda: self._found(partition, row))

    def query_entities(
        self, where: str, *, parameters: Mapping[str, str], select: Sequence[str]
    ) -> Iterator[Entity]:
        if where != _RANGE:
            raise Unsupported(where)

        def query() -> list[Entity]:
            rows = self._partitions.get(parameters["group"], {})
            within = range_of(rows, parameters["first"], parameters["end"])
            return [rows[row] for row in within]

        return iter(self._around(query))

    def create_entity(self, entity: Mapping[str, Any]) -> Mapping[str, str]:
        def create() -> Mapping[str, str]:
            if entity["RowKey"] in self._partitions.get(entity["PartitionKey"], {}):
                raise ResourceExistsError("there is one")
            return self._write(entity)

        return self._around(create, writes=True)

    def update_entity(self, entity: Mapping[str, Any], *, etag: str, **_: Any) -> Mapping[str, str]:
        def update() -> Mapping[str, str]:
            if self._found(entity["PartitionKey"], entity["RowKey"]).metadata["etag"] != etag:
                raise ResourceModifiedError("it has changed")
            return self._write(entity)

        return self._around(update, writes=True)

    def upsert_entity(self, entity: Mapping[str, Any], **_: Any) -> Mapping[str, str]:
        return self._around(lambda: self._write(entity), writes=True)

    def submit_transaction(
        self, operations: Sequence[tuple[str, Mapping[str, Any], object]], **_: Any
    ) -> list[Mapping[str, str]]:
        return self._around(
            lambda: [self._write(entity) for _, entity, _ in operations], writes=True
        )

    def _found(self, partition: str, row: str) -> Entity:
        found = self._partitions.get(partition, {}).get(row)
        if found is None:
            raise ResourceNotFoundError("there is none")
        return found

    def _write(self, entity: Mapping[str, Any]) -> Mapping[str, str]:
        made = Entity(entity, str(next(self._etags)))
        self._partitions.setdefault(entity["PartitionKey"], {})[entity["RowKey"]] = made
        return made.metadata

    def _around[T](self, call: Callable[[], T], *, writes: bool = False) -> T:
        return self._faults.around("table", call, _error, writes=writes)


class QueueClient:
    """The client of one queue."""

    def __init__(self, messages: Messages, faults: Faults) -> None:
        self.queue_name = messages.name
        self._messages = messages
        self._faults = faults

    def send_message(self, text: str, *, visibility_timeout: float, time_to_live: int) -> None:
        def send() -> None:
            self._messages.send(text, visibility_timeout)

        self._faults.around("queue", send, _error, writes=True)

    def receive_messages(self, *, max_messages: int, visibility_timeout: float) -> list[Any]:
        def receive() -> list[Any]:
            received = self._messages.receive(max_messages, visibility_timeout)
            return [_message(each) for each in received]

        return self._faults.around("queue", receive, _error)

    def delete_message(self, message: Any) -> None:
        self._faults.around("queue", lambda: self._messages.delete(message.id), _error)

    def update_message(self, message: Any, *, visibility_timeout: float, content: str) -> None:
        def update() -> None:
            self._messages.hide(message.id, visibility_timeout)

        self._faults.around("queue", update, _error)

    def get_queue_properties(self) -> Any:
        return SimpleNamespace(approximate_message_count=len(self._messages.held))


def range_of(rows: Mapping[str, object], first: str, end: str) -> list[str]:
    """The row keys from `first` to before `end`, in order."""
    return sorted(row for row in rows if first <= row < end)


def _error(reason: str) -> Exception:
    if reason.endswith("refused"):
        return HttpResponseError(reason)
    return ServiceResponseError(reason)


def _message(held: Held) -> Any:
    inserted = datetime.fromtimestamp(held.sent, UTC)
    return SimpleNamespace(id=held.id, content=held.body, inserted_on=inserted)
