"""An answer that is cut in the middle is a failure, and no answer that nothing is there."""

from collections.abc import Callable, Iterator

import pytest

from registrywatch.aws import clients
from registrywatch.aws.check.calls import ask, pages
from registrywatch.aws.queue import Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.delivery import SecretRef, SecretStore, credentials
from registrywatch.delivery.destinations import aws_call as aws_call_module
from registrywatch.delivery.destinations.aws_call import aws_call
from registrywatch.errors import SecretError, StoreError
from tests.builders.cases import for_each
from tests.delivery.misbehaving import Server, answer, raw, serving

HALF = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Item": {"g"')

HALF_IN_XML = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<Answer><Res")
HALF_OF_DYNAMODB = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nx-amz-crc32: 1\r\n\r\n{")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(HALF) as cutting:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "nothing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{cutting.port}")
        monkeypatch.setattr(clients, "_clients", {})
        credentials._aws_client.cache_clear()
        aws_call_module._client.cache_clear()
        yield cutting
    credentials._aws_client.cache_clear()
    aws_call_module._client.cache_clear()


CALLS: dict[str, Callable[[TableRows, Queue], object]] = {
    "get": lambda rows, _: rows.get("name"),
    "create": lambda rows, _: rows.create("name", {}),
    "replace": lambda rows, _: rows.replace("name", {}, "etag"),
    "send": lambda _, queue: queue.send("text"),
    "letters": lambda _, queue: [*queue.letters(0.0)],
    "the self-check": lambda *_: ask("events", "list_targets_by_rule", Rule="rule"),
    "its pages": lambda *_: [*pages("events", "list_rules", "Rules")],
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
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{once.port}")
        assert TableRows(Table("table"), "kind").get("name") is None
        assert len(once.requests) == 2


@for_each("service, operation", [("cloudformation", "describe_stacks"), ("sns", "list_topics")])
def test_half_an_answer_in_xml_is_a_store_error(
    server: Server, service: str, operation: str
) -> None:
    with serving(HALF_IN_XML) as cutting, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{cutting.port}")
        clients._clients.clear()
        with pytest.raises(StoreError):
            ask(service, operation)


@for_each("reference", ["ssm:/name", "secretsmanager:name"])
def test_half_a_secret_is_none(server: Server, reference: str) -> None:
    with pytest.raises(SecretError, match="13 read, but total bytes expected is 500"):
        SecretStore().value(SecretRef(reference))


def test_half_an_answer_of_a_destination_is_tried_again(server: Server) -> None:
    request = aws_call("events", "put_events", "eu-west-1", {"Entries": [{"Detail": "{}"}]})
    answer = aws_call_module.call(request)
    assert (answer.verdict, answer.reason) == ("try_again", "events: IncompleteReadError")
