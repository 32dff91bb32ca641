"""Log files in Azure Storage, on Microsoft's Azurite."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registrywatch.globs import Globs
from registrywatch.sources.many import parts
from registrywatch.sources.remote import blobs
from registrywatch.sources.remote.kind import Wanted
from tests.builders import azure
from tests.builders.clock import T0
from tests.integration.azurite import azurite

pytestmark = pytest.mark.real
CONTAINER = "insights-logs-containerregistryrepositoryevents"
DAY = 86_400.0
SUBSCRIPTIONS = tuple(f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in (1, 2))


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An account with three days of resource logs of two subscriptions."""
    from azure.storage.blob import ContainerClient

    with azurite(tmp_path_factory.mktemp("azurite")) as connection:
        with ContainerClient.from_connection_string(connection, CONTAINER) as client:
            client.create_container()
            for subscription in SUBSCRIPTIONS:
                for day in (1, 2, 3):
                    log = azure.logged("Pull", f"{day}", "main", f"r{day}", at=T0 + (day - 1) * DAY)
                    name = (
                        f"resourceId=/SUBSCRIPTIONS/{subscription.upper()}/RESOURCEGROUPS/R"
                        f"/PROVIDERS/MICROSOFT.CONTAINERREGISTRY/REGISTRIES/EXAMPLE"
                        f"/y=2026/m=08/d={day:02}/h=09/m=00/PT1H.json"
                    )
                    client.upload_blob(name, json.dumps(log) + "\n")
        yield connection


@pytest.fixture
def signed_in(storage: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", storage)
    blobs._container.cache_clear()
    yield
    blobs._container.cache_clear()


def read(address: str, **wanted: Any) -> tuple[list[str | None], list[str]]:
    found = blobs.find(address, Wanted(**wanted))
    events, problems = list[str | None](), [*found.problems]
    for part in parts(found.inputs):
        events += [event.repository for event in part.piece.reading.events]
        problems += [part.failure] if part.failure else []
    return events, problems


@pytest.mark.usefixtures("signed_in")
def test_a_container_is_read_in_order_of_time() -> None:
    events, problems = read(f"az://account/{CONTAINER}")
    assert (events, problems) == (["r1", "r1", "r2", "r2", "r3", "r3"], [])


@pytest.mark.usefixtures("signed_in")
def test_subscriptions_and_days_that_are_not_asked_for_are_left_out() -> None:
    address = f"az://account/{CONTAINER}/resourceId=/"
    accounts = Globs((SUBSCRIPTIONS[0],))
    events, _ = read(address, accounts=accounts, until=T0 - DAY)
    assert events == ["r1"]


@pytest.mark.usefixtures("signed_in")
def test_copies_are_kept(tmp_path: Path) -> None:
    first, _ = read(f"az://account/{CONTAINER}", keep=tmp_path)
    again, _ = read(f"az://account/{CONTAINER}", keep=tmp_path)
    assert first == again
    assert len([*tmp_path.rglob("PT1H.json")]) == 6


@pytest.mark.usefixtures("signed_in")
def test_a_container_that_is_not_there_is_one_clear_line() -> None:
    events, problems = read("az://account/none/x")
    assert (events, problems) == ([], ["az://account/none/x: there is no such container"])
