"""The DynamoDB store keeps its contract.

On moto, whose calls take milliseconds, each call keeps its promise; on the simulated DynamoDB of
`make chaos` so does the whole engine. On DynamoDB Local both do (tests/integration).
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from registrywatch.aws import clients
from registrywatch.aws.table import Item, Table
from registrywatch.aws.window_store import DynamoStore
from registrywatch.errors import StoreError
from registrywatch.windows import Claim, Window
from registrywatch.windows.meaning import Quiet
from tests.builders.dynamodb import local_client, new_table
from tests.builders.moto import aws_in_memory
from tests.windows.contract import OpenStore, StoreCalls, StoreContract
from tests.windows.harness import START, Scene, images
from tools.chaos.dynamodb import DynamoDb

THREE = Window(3, 600, 600)


@pytest.fixture(scope="module", autouse=True)
def moto() -> Iterator[None]:
    with aws_in_memory():
        yield


@pytest.fixture(scope="module")
def client(moto: None) -> Any:
    return boto3.client("dynamodb")


@pytest.fixture
def table(client: Any) -> str:
    """One for each test: for each query, moto sorts all that is in a table."""
    return new_table(client)


@pytest.fixture
def open_store(client: Any, table: str) -> OpenStore:
    return lambda: DynamoStore(Table(table, client))


class TestCallsOnMoto(StoreCalls):
    most = 1000


class NoFaults:
    """Calls of a simulated service that never fail."""

    def around(self, _: str, call: Callable[[], Item], *__: object, **___: object) -> Item:
        return call()


class TestSimulated(StoreContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        client: Any = DynamoDb(NoFaults())  # type: ignore[arg-type]
        return lambda: DynamoStore(Table("windows", client))


class TestItems:
    def items(self, table: str, group: str) -> dict[int, Item]:
        found = boto3.client("dynamodb").query(
            TableName=table,
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": group}},
        )
        return {int(item["s"]["N"]): item for item in found["Items"]}

    def test_every_item_has_the_time_to_live_of_its_last_write(
        self, table: str, open_store: OpenStore
    ) -> None:
        scene, step = Scene(open_store, THREE), THREE.step_of(START)
        now = START + 100.0
        worker = scene.worker(clock=lambda: now, retention_seconds=86_400, warm=False)
        worker.deliver(*images(1, at=0))
        now += 50
        worker.deliver(*images(2, 3, at=0))
        kept = int(now) + 86_400 + 600 + 600 + 3600
        items = self.items(table, scene.group)
        assert items[step]["x"] == {"N": str(kept)}
        assert items[0]["x"] == {"N": str(kept + 86_400)}  # the claim outlives the step

    def test_a_claim_that_expired_meanwhile_is_not_brought_back_by_settling(
        self, table: str, open_store: OpenStore
    ) -> None:
        scene, store = Scene(open_store, THREE), open_store()
        claim = store.swap(scene.group, store.claim(scene.group), Quiet(), {"a": b"A"}, START)
        key = {"g": {"S": scene.group}, "s": {"N": "0"}}
        boto3.client("dynamodb").delete_item(TableName=table, Key=key)
        store.settle(scene.group, claim, START)
        assert self.items(table, scene.group) == {}

    def test_a_claim_that_expired_meanwhile_can_be_made_anew(
        self, table: str, open_store: OpenStore
    ) -> None:
        scene, store = Scene(open_store, THREE), open_store()
        old = store.swap(scene.group, store.claim(scene.group), Quiet(), {"a": b"A"}, START)
        key = {"g": {"S": scene.group}, "s": {"N": "0"}}
        boto3.client("dynamodb").delete_item(TableName=table, Key=key)
        refused = store.swap(scene.group, old, Quiet(((1, 2),)), {"b": b"B"}, START)
        assert refused == Claim()
        assert store.swap(scene.group, refused, Quiet(((1, 2),)), {"b": b"B"}, START).pending == {
            "b": b"B"
        }


class TestTrouble:
    def test_throttling_that_lasts_fails_the_batch_and_nothing_is_remembered(
        self, table: str
    ) -> None:
        throttled = ThrottledClient(boto3.client("dynamodb"))
        scene = Scene(lambda: DynamoStore(Table(table, throttled)), THREE)
        worker = scene.worker()
        with pytest.raises(StoreError, match=f"{table}.*Throttling"):
            worker.deliver(*images(1, 2, 3, at=0))
        throttled.left = 0
        worker.deliver(*images(1, 2, 3, at=0))
        assert len(scene.queue) == 1

    def test_an_unreachable_service_is_a_store_error(self) -> None:
        client = local_client("http://127.0.0.1:1")
        with pytest.raises(StoreError, match=r"table windows.*127\.0\.0\.1"):
            DynamoStore(Table("windows", client)).claim("g")

    @pytest.mark.parametrize("service", ["dynamodb", "sqs"])
    def test_every_client_has_one_configuration(
        self, service: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clients, "_clients", {})
        made = clients.client(service)
        assert clients.client(service) is made
        config = made.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 4}
        assert config.connect_timeout + config.read_timeout <= 4
        assert 4 * (config.connect_timeout + config.read_timeout) < clients.CALL_SECONDS


class ThrottledClient:
    """A client whose next `left` calls are throttled."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.left = 1

    def __getattr__(self, operation: str) -> Callable[..., Item]:
        def call(**request: object) -> Item:
            if self.left > 0:
                self.left -= 1
                error = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
                raise ClientError({"Error": error}, operation)
            answer: Item = getattr(self._client, operation)(**request)
            return answer

        return call
