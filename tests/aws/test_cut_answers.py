"""An answer that is cut in the middle is a failure, and no answer that nothing is there."""

from collections.abc import Callable, Iterator

import pytest

from registrywatch.aws import clients
from registrywatch.aws.queue import Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.errors import StoreError
from tests.builders.cases import for_each
from tests.delivery.misbehaving import Server, answer, raw, serving

HALF = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Item": {"g"')

HALF_OF_DYNAMODB = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nx-amz-crc32: 1\r\n\r\n{")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(HALF) as cutting:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "nothing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        for service in ("DYNAMODB", "SQS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{cutting.port}")
        monkeypatch.setattr(clients, "_clients", {})
        yield cutting


CALLS: dict[str, Callable[[TableRows, Queue], object]] = {
    "get": lambda rows, _: rows.get("name"),
    "create": lambda rows, _: rows.create("name", {}),
    "replace": lambda rows, _: rows.replace("name", {}, "etag"),
    "send": lambda _, queue: queue.send("text"),
    "letters": lambda _, queue: [*queue.letters(0.0)],
}


@for_each("call", CALLS.values(), ids=CALLS)
def test_half_an_answer_is_a_store_error(
    server: Server, call: Callable[[TableRows, Queue], object]
) -> None:
    queue = Queue(f"http://127.0.0.1:{server.port}/1/queue")
    with pytest.raises(StoreError, match="13 read, but total bytes expected is 500"):
        call(TableRows(Table("table"), "kind"), queue)


def test_half_an_answer_of_dynamodb_is_asked_for_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(HALF_OF_DYNAMODB, answer("200 OK", b"{}")) as once:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{once.port}")
        assert TableRows(Table("table"), "kind").get("name") is None
        assert len(once.requests) == 2
