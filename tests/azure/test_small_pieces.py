"""Connections, the memory between workers, lines of the log."""

import logging
from typing import Any

import msgspec
import pytest

from functions.azure.parts import SEEN_SECONDS
from registrywatch.azure.clients import Storage, storage, token_for
from registrywatch.azure.log_lines import log
from registrywatch.detector.memory import RowMemory
from registrywatch.errors import SettingsError, StateUnknown
from registrywatch.rows import MemoryRows
from registrywatch.sdk import azure_identity
from tests.builders.clock import T0

PRODUCTION = {
    "AzureWebJobsStorage__queueServiceUri": "https://rw.queue.core.windows.net",
    "AzureWebJobsStorage__tableServiceUri": "https://rw.table.core.windows.net",
    "AzureWebJobsStorage__clientId": "11111111-0000-4000-8000-000000000001",
}


def test_production_connects_by_identity() -> None:
    found = storage(PRODUCTION)
    assert found.connection_string is None
    assert found.queue("alerts").url == "https://rw.queue.core.windows.net/alerts"
    assert found.table("windows").table_name == "windows"


def test_a_developer_connects_to_azurite() -> None:
    found = storage({"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
    assert found.queue("alerts").url == "http://127.0.0.1:10001/devstoreaccount1/alerts"
    assert found.table("windows").url.startswith("http://127.0.0.1:10002/devstoreaccount1")


def test_a_missing_address_is_named() -> None:
    with pytest.raises(SettingsError, match="AzureWebJobsStorage__tableServiceUri is not set"):
        storage({"AzureWebJobsStorage__queueServiceUri": "https://rw.queue.core.windows.net"})


def test_no_token_leaves_the_state_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        def get_token(self, scope: str) -> Any:
            from azure.identity import CredentialUnavailableError

            raise CredentialUnavailableError("secret details")

    monkeypatch.setitem(azure_identity._identities, None, Nobody())
    with pytest.raises(StateUnknown, match=r"^no token for https://\S+: CredentialU\w+$"):
        token_for("https://management.azure.com/.default", None)()


def test_a_storage_shows_no_key_unless_it_is_azurites() -> None:
    assert "AccountKey" not in repr(storage(PRODUCTION))
    assert Storage(queues_at="q", tables_at="t").connection_string is None


def test_workers_share_what_they_remember_and_the_first_word_counts() -> None:
    rows = MemoryRows()
    one, other = (RowMemory(rows, lambda: T0, SEEN_SECONDS) for _ in range(2))
    assert one.keep("key", "first", T0) == "first"
    assert other.keep("key", "second", T0) == "first"
    assert other.get("key") == "first"
    assert other.get("another") is None


def test_what_is_remembered_goes_after_three_days_by_the_clock() -> None:
    rows, now = MemoryRows(), [T0]
    memory = RowMemory(rows, lambda: now[0], SEEN_SECONDS)
    memory.keep("key", "value", T0 - 1_000_000)
    now[0] += SEEN_SECONDS
    assert rows.sweep(now[0]) == 0
    now[0] += 1
    assert rows.sweep(now[0]) == 1
    assert memory.get("key") is None


def test_a_line_of_the_log_is_one_json_object_whatever_is_in_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "registrywatch"):
        log("parked", reason="%s\n" + "x" * 1000 + "\udc00", messages=3, nothing=None)
    line = msgspec.json.decode(caplog.records[0].message)
    assert line["event"] == "parked"
    assert len(line["reason"]) == 301
    assert line["messages"] == 3
    assert "\n" not in caplog.records[0].message
