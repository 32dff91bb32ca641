"""The app on Microsoft's worker and Azurite: from what Azure delivers to a POST that arrives."""

import itertools
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport

from functions.azure import wiring
from registrywatch.alerts import Alert
from registrywatch.azure import names, rechecks
from registrywatch.azure.clients import Storage
from registrywatch.azure.parked_queue import decode as decode_parked
from registrywatch.checks import Item
from registrywatch.cli import main
from registrywatch.cli.deployed import waiting
from registrywatch.cli.deployed.deployment import Deployment
from registrywatch.delivery import Destination
from registrywatch.sdk import azure_identity
from tests.azure.given import FREE, INHERITED, OVERRIDE, PLANS, plan
from tests.azure.http_stub import HttpStub, http_stub
from tests.azure.worker import FunctionsWorker, this_app
from tests.builders.azure import (
    cloud_event,
    deleted,
    hub,
    logged,
    plan_changed,
    pushed,
    registry_id,
)
from tests.builders.azure_alarms import common_alert
from tests.builders.cloudtrail import Json
from tests.integration.azure.host import pump

pytestmark = pytest.mark.real

NOW = time.time() - 120
"""Bursts lie in the past by a little: what is too old is parked, not counted."""


class Place:
    """The deployed app: its worker, its storage, the webhook that gets its alerts."""

    def __init__(self, worker: FunctionsWorker, storage: Storage, azure: HttpStub) -> None:
        self.worker = worker
        self.storage = storage
        self.azure = azure

    def events(self, *documents: Json) -> None:
        for document in documents:
            invoked = self.worker.event_grid("event_grid", document)
            assert invoked.succeeded, invoked.error

    def logs(self, *bodies: Json | bytes, retries: int = 0) -> None:
        encoded = [
            each if isinstance(each, bytes) else json.dumps(each).encode() for each in bodies
        ]
        invoked = self.worker.event_hub("event_hub", encoded, retries)
        assert invoked.succeeded, invoked.error

    def alarms(self, *bodies: Json | bytes) -> None:
        encoded = [
            each if isinstance(each, bytes) else json.dumps(each).encode() for each in bodies
        ]
        invoked = self.worker.event_hub("own_alarms", encoded)
        assert invoked.succeeded, invoked.error

    def posted(self) -> list[str]:
        """Deliver what lies on the alert queue; the rules of all alerts POSTed so far."""
        assert pump(self.worker, self.storage, names.ALERTS, "deliver") == []
        return [json.loads(body)["rule"] for body in self.azure.bodies("/hook")]

    def messages(self, queue: str) -> list[str]:
        client = self.storage.queue(queue)
        return [each.content for each in client.peek_messages(max_messages=32)]


class _Anybody:
    """An identity that every token is given to."""

    def get_token(self, *scopes: str, **options: object) -> object:
        return type("Token", (), {"token": "token", "expires_on": 9_999_999_999})()


@pytest.fixture
def place(azurite_connection: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    storage = Storage(connection_string=azurite_connection)
    for name in names.QUEUES:
        storage.queue(name).create_queue()
    for name in names.TABLES:
        storage.table(name).create_table()
    with http_stub() as azure:
        azure.answers("/hook", {})
        azure.answers("/oauth2/exchange", 401)
        monkeypatch.setenv("AzureWebJobsStorage", azurite_connection)
        monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", f"{azure.url}/hook")
        monkeypatch.setenv("REGISTRYWATCH_FOLD_SECONDS", "0")
        monkeypatch.setenv("REGISTRYWATCH_AZURE_REGISTRIES", registry_id())
        monkeypatch.setenv("REGISTRYWATCH_AZURE_RESOURCE_MANAGER", azure.url)
        monkeypatch.setenv("REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD", "10")
        monkeypatch.setenv("REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PUSH_THRESHOLD", "10")
        monkeypatch.setattr(rechecks, "STATE_DELAYS", (0, 0))
        monkeypatch.setitem(azure_identity._identities, None, _Anybody())
        wiring.app.cache_clear()
        yield Place(this_app(), storage, azure)
    wiring.app.cache_clear()
    for name in names.QUEUES:
        storage.queue(name).delete_queue()
    for name in names.TABLES:
        storage.table(name).delete_table()


def pulls(count: int, **more: str) -> Json:
    return hub(*(logged("Pull", f"image-{n}", f"v{n}", at=NOW + n, **more) for n in range(count)))


@pytest.mark.parametrize("schema", [lambda event: event, cloud_event], ids=["own", "cloudevents"])
def test_event_grid_in_both_schemas(place: Place, schema: object) -> None:
    place.events(schema(deleted(image=None)))  # type: ignore[operator]
    assert place.posted() == ["acr-forced-repository-deletion"]


def test_an_alert_is_posted_with_all_that_was_known(place: Place) -> None:
    place.logs(hub(logged("Delete", None, None, status="202", by="mallory@example.com")))
    assert place.posted() == ["acr-forced-repository-deletion"]
    [body] = place.azure.bodies("/hook")
    alert = json.loads(body)
    assert alert["actor"]["id"] == "mallory@example.com"
    assert alert["registry"] == "example.azurecr.io"


def test_a_burst_of_pulls_is_one_alert_however_often_it_is_delivered(place: Place) -> None:
    for _ in range(3):
        place.logs(pulls(6), pulls(30))
    assert place.posted() == ["acr-excessive-image-pull"]


def test_a_burst_of_pushes_one_event_at_a_time(place: Place) -> None:
    place.events(*(pushed(f"v{n}", f"image-{n}", at=NOW + n) for n in range(12)))
    assert place.posted() == ["acr-excessive-image-push"]


def test_several_images_of_one_request_wait_for_what_the_registry_says(place: Place) -> None:
    """An image's signature and SBOM go with it: only the registry knows whether all are gone."""
    place.events(*(deleted(f"image-{n}", request="r-1", at=NOW + n) for n in range(4)))
    assert place.posted() == ["acr-images-deleted"]
    assert len(place.messages(names.RECHECKS)) == 0  # not yet visible
    assert place.storage.queue(names.RECHECKS).get_queue_properties().approximate_message_count


def test_a_new_process_knows_what_the_last_one_raised(place: Place) -> None:
    event = deleted(image=None)
    place.events(event)
    wiring.app.cache_clear()
    place.events(event)
    assert place.posted() == ["acr-forced-repository-deletion"]


def test_one_bad_record_is_parked_and_fails_no_batch(place: Place) -> None:
    bad = {**logged(), "time": "yesterday"}
    place.logs(hub(*pulls(10)["records"], bad), b"\xff\xfe\x00", b"no json")
    assert place.posted() == ["acr-excessive-image-pull"]
    reasons = [decode_parked(text).reason for text in place.messages(names.PARKED)]
    assert len(reasons) == 3
    assert any("'yesterday' is not ISO 8601" in reason for reason in reasons)


def test_a_plan_switched_off_is_reported_and_one_that_lags_is_looked_at_again(place: Place) -> None:
    place.azure.answers(f"{PLANS}/Containers", plan())
    place.azure.answers(f"{PLANS}/CloudPosture", FREE)
    place.azure.answers(OVERRIDE, INHERITED)
    assert place.worker.timer("ask_state").succeeded
    place.events(plan_changed(by="mallory@example.com"))
    place.azure.answers(f"{PLANS}/Containers", FREE)
    assert pump(place.worker, place.storage, names.RECHECKS, "recheck") == []
    assert place.posted() == ["acr-image-scan-disabled"]
    assert place.worker.timer("ask_state").succeeded
    assert place.posted() == ["acr-image-scan-disabled"]


def test_the_self_check_reports_what_is_wrong_once(place: Place) -> None:
    """This place has no function app that Resource Manager could tell of."""
    assert place.worker.timer("self_check").succeeded
    reported = place.posted()
    assert set(reported) == {"acr-monitoring-removed"}
    assert place.worker.timer("self_check").succeeded
    assert place.posted() == reported


def test_a_message_that_can_not_be_handled_ends_in_the_poison_queue_and_is_reported(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.storage.queue(names.RECHECKS).send_message("no recheck")
    errors = pump(place.worker, place.storage, names.RECHECKS, "recheck")
    assert len(errors) == 5
    assert place.messages(names.RECHECKS_POISON) == ["no recheck"]
    caplog.clear()
    assert place.worker.timer("housekeeping").succeeded
    [first] = [json.loads(each.message) for each in caplog.records if each.name == "registrywatch"]
    assert 0 <= first.pop("waited") < 300
    newest = first.pop("newest")
    assert first == {"event": "dead_letters", "queue": "rechecks-poison", "messages": 1}
    time.sleep(1.1)  # a queue gives the time of a message in whole seconds
    place.storage.queue(names.RECHECKS_POISON).send_message("another")
    caplog.clear()
    assert place.worker.timer("housekeeping").succeeded
    [second] = [json.loads(each.message) for each in caplog.records if each.name == "registrywatch"]
    assert second["messages"] == 2
    assert second["newest"] > newest


def test_an_alarm_about_ourselves_is_posted_and_so_is_its_end(place: Place) -> None:
    place.alarms(common_alert(), common_alert())
    assert place.posted() == ["registrywatch-alarm"]
    place.alarms(common_alert(resolved=True), b"nothing that anyone knows")
    assert place.posted() == ["registrywatch-alarm"] * 3


def test_an_alarm_is_posted_though_tables_and_queues_are_gone(place: Place) -> None:
    place.storage.table(names.DELIVERIES).delete_table()
    place.alarms(common_alert())
    assert place.posted() == ["registrywatch-alarm"]
    place.storage.queue(names.ALERTS).delete_queue()
    place.alarms(common_alert(alert="another"))
    assert len(place.azure.bodies("/hook")) == 2
    assert place.messages(names.ALERTS_POISON) == []
    place.storage.table(names.DELIVERIES).create_table()
    place.storage.queue(names.ALERTS).create_queue()


def test_a_destination_that_refuses_leaves_the_alert_in_the_poison_queue(place: Place) -> None:
    place.azure.answers("/hook", 400)
    place.events(deleted(image=None))
    pump(place.worker, place.storage, names.ALERTS, "deliver")
    assert len(place.messages(names.ALERTS_POISON)) == 1


def test_a_test_alert_from_a_shell_goes_through_the_deployed_app(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def waited(deployment: Deployment, alert: Alert, to: tuple[Destination, ...]) -> Iterator[Item]:
        return real(deployment, alert, to, sleep=lambda _: place.posted())

    real = waiting.waited
    monkeypatch.setattr(waiting, "waited", waited)
    assert main(["test-alert", "--deployed", "azure"]) == 0
    assert capsys.readouterr().out.startswith("   ok    webhook: delivered within ")
    assert place.posted() == ["ecr-images-deleted"]


def test_a_refused_test_alert_lies_in_the_poison_queue(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = itertools.count(0, 200)

    def waited(deployment: Deployment, alert: Alert, to: tuple[Destination, ...]) -> Iterator[Item]:
        def pumped(_: float) -> None:
            pump(place.worker, place.storage, names.ALERTS, "deliver")

        return real(deployment, alert, to, clock=lambda: next(clock), sleep=pumped)

    real = waiting.waited
    monkeypatch.setattr(waiting, "waited", waited)
    place.azure.answers("/hook", 400)
    assert main(["test-alert", "--deployed", "azure"]) == 1
    assert "it is in the dead-letter queue: webhook: answered 400" in capsys.readouterr().out
    assert len(place.messages(names.ALERTS_POISON)) == 1


def test_a_delete_costs_eleven_calls_of_the_storage_at_most(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/costs.md has figures of 200 deletes; the first 50, before a burst, cost more."""
    calls = [0]
    real = RequestsTransport.send

    def send(transport: RequestsTransport, request: Any, **options: Any) -> Any:
        calls[0] += 1
        return real(transport, request, **options)

    monkeypatch.setattr(RequestsTransport, "send", send)
    place.events(deleted("first", "prod/other", at=NOW))  # what is read once in a process
    calls[0] = 0
    place.events(*(deleted(f"app-{n}", "prod/api", at=NOW + n / 10) for n in range(120)))
    assert calls[0] <= 11 * 120


def test_storage_that_fails_fails_the_invocation_so_that_the_host_retries(place: Place) -> None:
    place.storage.queue(names.ALERTS).delete_queue()
    invoked = place.worker.event_grid("event_grid", deleted(image=None))
    assert not invoked.succeeded
    assert "StoreError" in (invoked.error or "")
    place.storage.queue(names.ALERTS).create_queue()


def test_batches_that_keep_failing_are_parked_in_the_end(place: Place) -> None:
    place.storage.queue(names.ALERTS).delete_queue()
    body = json.dumps(hub(logged("Delete", None, None, status="202"))).encode()
    assert not place.worker.event_hub("event_hub", [body], retries=7).succeeded
    assert place.messages(names.PARKED) == []
    assert place.worker.event_hub("event_hub", [body], retries=8).succeeded
    assert len(place.messages(names.PARKED)) == 1
    place.storage.queue(names.ALERTS).create_queue()


def test_what_is_old_is_swept_and_what_is_young_stays(place: Place) -> None:
    place.logs(pulls(30))
    place.events(deleted(image=None))
    assert len(place.posted()) == 2

    def left() -> int:
        tables = (place.storage.table(name) for name in names.TABLES)
        return sum(len([*table.list_entities()]) for table in tables)

    before = left()
    assert before > 0
    assert place.worker.timer("sweep").succeeded
    assert left() == before
    in_two_years = wiring.build(os.environ, clock=lambda: NOW + 2 * 365 * 86_400)
    for table in in_two_years.tables:
        table.sweep(in_two_years.clock())
    assert left() == 2  # when the subscription was first seen, and which numbers hold
