"""Delivery on DynamoDB Local and Azurite: the ledgers' contract, the queues, redelivery."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from azure.data.tables import TableClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from registrywatch.aws.table import Table as DynamoTable
from registrywatch.aws.table import TableRows as DynamoRows
from registrywatch.azure.queue import MOST_CHARACTERS, Queue
from registrywatch.azure.table import Table, TableRows
from registrywatch.cli import main
from registrywatch.delivery import Courier, SecretStore, messages_for
from registrywatch.delivery.ledger import KEEP_SECONDS, Ledger, RowLedger
from registrywatch.delivery.message import (
    Message,
    Unreadable,
    decode_message,
    encode_message,
    read_message,
)
from registrywatch.delivery.queue import AlertQueue
from registrywatch.errors import StoreError
from tests.builders.alerts import an_alert
from tests.builders.dynamodb import local_client, new_table
from tests.delivery.ledger_contract import LedgerContract
from tests.delivery.misbehaving import answer, serving
from tests.delivery.world import webhook

pytestmark = pytest.mark.real


class TestDynamoDBLocal(LedgerContract):
    @pytest.fixture
    def ledger(self, dynamodb_endpoint: str) -> Ledger:
        client = local_client(dynamodb_endpoint)
        return RowLedger(DynamoRows(DynamoTable(new_table(client), client), "delivery"))


def table_ledger(table: TableClient, clock: Callable[[], float] = time.time) -> RowLedger:
    return RowLedger(TableRows(Table(table), "delivery"), clock)


@pytest.fixture
def table(azurite_connection: str) -> TableClient:
    client = TableClient.from_connection_string(azurite_connection, f"deliveries{uuid.uuid4().hex}")
    client.create_table()
    return client


class TestAzuriteTables(LedgerContract):
    @pytest.fixture
    def ledger(self, table: TableClient) -> Ledger:
        return table_ledger(table)

    def test_what_has_expired_is_swept(self, table: TableClient) -> None:
        now = time.time()
        old, young = table_ledger(table, lambda: now - KEEP_SECONDS - 10), table_ledger(table)
        for number in range(3):
            old.write(f"old{number}", b"", None)
        young.write("young", b"", None)
        assert Table(table).sweep(now) == 3
        assert Table(table).sweep(now) == 0
        assert young.read("young") is not None

    def test_what_is_written_while_it_is_swept_stays(
        self, table: TableClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = time.time()
        old, young = table_ledger(table, lambda: now - KEEP_SECONDS - 10), table_ledger(table)
        expired = old.write("w1", b"expired", None)
        assert expired is not None
        query = table.query_entities

        def written_meanwhile(*args: Any, **options: Any) -> list[Any]:
            found = [*query(*args, **options)]
            assert young.write("w1", b"a window of today", expired)
            return found

        monkeypatch.setattr(table, "query_entities", written_meanwhile)
        assert Table(table).sweep(now) == 0
        kept = young.read("w1")
        assert kept is not None
        assert kept.value == b"a window of today"

    def test_a_table_that_is_not_there_is_a_store_error(self, azurite_connection: str) -> None:
        missing = table_ledger(TableClient.from_connection_string(azurite_connection, "missing"))
        with pytest.raises(StoreError, match="table missing: ResourceNotFoundError"):
            missing.write("m1", b"", None)


class Queues:
    """An alert queue and its poison queue on Azurite."""

    def __init__(self, connection: str) -> None:
        name = f"alerts-{uuid.uuid4().hex}"
        self.alerts, self.poison = (
            QueueClient.from_connection_string(
                connection,
                each,
                message_encode_policy=TextBase64EncodePolicy(),
                message_decode_policy=TextBase64DecodePolicy(),
            )
            for each in (name, f"{name}-poison")
        )
        for queue in (self.alerts, self.poison):
            queue.create_queue()
        self.queue = AlertQueue(Queue(self.alerts), Queue(self.poison), MOST_CHARACTERS)


@pytest.fixture
def queues(azurite_connection: str) -> Queues:
    return Queues(azurite_connection)


def bodies(queue: QueueClient) -> list[str]:
    return [str(message.content) for message in queue.receive_messages()]


def a_message(number: int = 1, **said: Any) -> Message:
    to = webhook()
    [message] = messages_for(an_alert(number, **said), (to,), time.time())
    return message


class TestAzuriteQueues:
    def test_a_message_arrives_as_it_was(self, queues: Queues) -> None:
        message = a_message(summary="\ufffe\u202e\x00 \U0001f600")
        queues.queue.send(message)
        [body] = bodies(queues.alerts)
        assert decode_message(body) == message

    def test_a_delayed_message_is_held_back(self, queues: Queues) -> None:
        queues.queue.send(a_message(1), 900)
        queues.queue.send(a_message(2), 2)
        assert bodies(queues.alerts) == []
        time.sleep(2.5)
        [body] = bodies(queues.alerts)
        message = decode_message(body)
        assert isinstance(message, Message)
        assert message.alert == an_alert(2)

    def test_an_alert_too_long_for_the_queue_is_cut(self, queues: Queues) -> None:
        queues.queue.send(a_message(summary="\u20ac" * 100_000, reasons=("\x00" * 100_000,) * 30))
        [body] = bodies(queues.alerts)
        message = decode_message(body)
        assert isinstance(message, Message)
        assert message.alert.id == an_alert(1).id

    def test_a_dead_letter_lies_in_the_poison_queue(self, queues: Queues) -> None:
        queues.queue.dead_letter(Unreadable(unreadable="{", reason="why"))
        assert bodies(queues.alerts) == []
        assert len(bodies(queues.poison)) == 1

    def test_redeliver_moves_poison_messages_back(
        self, queues: Queues, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for number in range(40):
            queues.queue.dead_letter(
                msgspec.structs.replace(a_message(number), waits=9, reason="503")
            )
        queues.queue.dead_letter(Unreadable(unreadable="{", reason="why"))
        source, target = str(queues.poison.url), str(queues.alerts.url)
        assert main(["redeliver", "--from", source, "--to", target]) == 1
        assert "40 sent again, 1 stay." in capsys.readouterr().out
        again = [decode_message(body) for body in bodies(queues.alerts)]
        assert len(again) == 40
        assert all(isinstance(message, Message) and message.waits == 0 for message in again)
        assert len(bodies(queues.poison)) == 1, "what stays is in sight at once"


@pytest.fixture
def courier(table: TableClient, queues: Queues) -> Iterator[tuple[Courier, list[bytes]]]:
    with serving(answer("503 Down"), answer("200 OK")) as server:
        to = webhook(fold_seconds=3, url=server.url)
        yield (
            Courier(
                destinations=(to,),
                ledger=table_ledger(table),
                queue=queues.queue,
                secrets=SecretStore(),
            ),
            server.requests,
        )


def test_retry_folding_and_follow_up_through_azurite(
    courier: tuple[Courier, list[bytes]], queues: Queues
) -> None:
    """Eleven alerts, a destination that is down at first: one alert and one follow-up arrive."""
    at_work, requests = courier
    for number in range(11):
        [message] = messages_for(an_alert(number), at_work.destinations, time.time())
        queues.alerts.send_message(encode_message(message))
    results: list[str] = []
    until = time.monotonic() + 20
    while time.monotonic() < until and results.count("delivered") < 2:
        for received in queues.alerts.receive_messages(visibility_timeout=30):
            results.append(at_work.handle(read_message(str(received.content))).result)
            queues.alerts.delete_message(received)
        time.sleep(0.1)
    assert results.count("folded") == 10
    assert results.count("follow_up_sent") == 1
    assert results.count("delivered") == 2
    summary = "10 more alerts “Images Within a Repository Deleted” in prod/api".encode()
    assert any(summary in request for request in requests)
