"""Azure behind the proxy: Azurite's tables and queues, with the app as it is deployed."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from functions.azure import parts, wiring
from registrywatch.azure import clients, log_lines, names
from registrywatch.delivery import Courier, Outcome, read_message
from registrywatch.errors import StoreError
from tools.chaos.aws import Silence
from tools.chaos.wire import proxy as behind
from tools.chaos.wire.chain import (
    GIVEN,
    PATIENCE,
    VISIBLE_AGAIN,
    Clock,
    Post,
    Received,
    Worker,
    faults_of,
    hurried,
    port_of,
)
from tools.chaos.wire.faults import Wire, WireFaults


class _AzureWorker:
    def __init__(self, clock: Clock) -> None:
        self._app = wiring.build(os.environ, clock)

    def take(self, document: str) -> bool:
        try:
            self._app.intake.take("event-hub", [document.encode()])
        except StoreError:
            return False
        return True

    def deliver(self, body: str) -> Outcome:
        return self._app.courier.deliver(read_message(body))


class Azure:
    """Azurite's tables and queues."""

    def __init__(self, faults: Mapping[str, WireFaults], alerts: QueueClient) -> None:
        self.faults = faults
        self._alerts = alerts

    def worker(self, post: Post, clock: Clock) -> Worker:
        with patch.object(parts, "Courier", partial(Courier, send=post)):
            return _AzureWorker(clock)

    def receive(self) -> list[Received]:
        messages = self._alerts.receive_messages(max_messages=10, visibility_timeout=VISIBLE_AGAIN)
        return [(str(each.content), partial(self._delete, each)) for each in messages]

    def _delete(self, message: Any) -> None:
        try:
            self._alerts.delete_message(message)
        except HttpResponseError as error:
            if error.status_code not in (400, 404):  # another worker has it already
                raise

    def waiting(self) -> int:
        return self._alerts.get_queue_properties().approximate_message_count or 0


@contextmanager
def azure_chain(connection: str, seed: int, wire: Wire) -> Iterator[Azure]:
    """The chain on Azure, on its own Azurite."""
    faults = faults_of(seed, wire, table="tables", queue="queues")
    parts = dict(each.split("=", 1) for each in connection.split(";") if each)
    with ExitStack() as stack:
        for name, service in (("tables", "TableEndpoint"), ("queues", "QueueEndpoint")):
            throttle = behind.table_storage if name == "tables" else behind.queue_storage
            port = stack.enter_context(
                behind.proxy(port_of(parts[service]), faults[name], throttle)
            )
            parts[service] = parts[service].replace(f":{port_of(parts[service])}/", f":{port}/")
        proxied = ";".join(f"{name}={value}" for name, value in parts.items())
        for table in names.TABLES:
            client = TableClient.from_connection_string(connection, table)
            client.create_table()
            stack.callback(client.delete_table)
        for queue in names.QUEUES:
            of_queue = QueueClient.from_connection_string(connection, queue)
            of_queue.create_queue()
            stack.callback(of_queue.delete_queue)
        alerts = QueueClient.from_connection_string(
            connection, names.ALERTS, message_decode_policy=TextBase64DecodePolicy()
        )
        stack.enter_context(hurried({"AzureWebJobsStorage": proxied} | GIVEN))
        stack.enter_context(patch.object(log_lines, "_logger", Silence()))
        for options in (clients._TABLE_OPTIONS, clients._QUEUE_OPTIONS):
            stack.enter_context(patch.dict(options, read_timeout=PATIENCE))
        yield Azure(faults, alerts)
