"""Log Analytics: a row in a custom table, through the Logs Ingestion API."""

import re
from pathlib import Path

import msgspec
import pytest

from registrywatch.delivery.destinations import Outgoing, Request
from registrywatch.delivery.destinations.log_analytics import LOG_ANALYTICS, row
from registrywatch.delivery.post import post
from registrywatch.errors import SecretError
from registrywatch.sdk import azure_identity
from tests.builders.alerts import an_alert
from tests.delivery.misbehaving import answer, serving
from tests.delivery.world import START

RULE = "dcr-" + "0" * 32
BICEP = Path(__file__).parents[3] / "infra/azure/optional/log-analytics.bicep"


def request_to(endpoint: str) -> Request:
    given = {"ENDPOINT": endpoint, "RULE_ID": RULE, "STREAM": "Custom-Registrywatch_CL"}
    return LOG_ANALYTICS.request(Outgoing(alert=an_alert(), given=given, now=START))


def test_a_row_goes_to_the_rule_s_stream_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def bearer(scope: str) -> str:
        asked.append(scope)
        return "T0KEN"

    monkeypatch.setattr("registrywatch.delivery.post.bearer", bearer)
    with serving(answer("204 No Content")) as server:
        base = f"http://127.0.0.1:{server.port}"
        assert post(request_to(base), START).verdict == "delivered"
        [received] = server.requests
    head, _, body = received.partition(b"\r\n\r\n")
    path = f"/dataCollectionRules/{RULE}/streams/Custom-Registrywatch_CL?api-version=2023-01-01"
    assert head.startswith(f"POST {path} HTTP/1.1\r\n".encode())
    assert b"Authorization: Bearer T0KEN" in head
    [sent] = msgspec.json.decode(body)
    assert sent["AlertId"] == an_alert().id
    assert sent["TimeGenerated"] == "2026-08-01T09:00:01Z"
    assert asked == ["https://monitor.azure.com/.default"]


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("rw.westeurope-1.ingest.monitor.azure.com", "https://monitor.azure.com/.default"),
        ("rw.usgovvirginia-1.ingest.monitor.azure.us", "https://monitor.azure.us/.default"),
        ("rw.chinanorth3-1.ingest.monitor.azure.cn", "https://monitor.azure.cn/.default"),
    ],
)
def test_the_token_is_of_the_endpoint_s_own_cloud(host: str, scope: str) -> None:
    assert request_to(f"https://{host}").token_scope == scope


def test_without_a_token_the_alert_waits_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    class NoOne:
        def get_token(self, scope: str) -> None:
            raise ClientAuthenticationError("a long dump of an SDK")

    monkeypatch.setitem(azure_identity._identities, None, NoOne())
    with pytest.raises(SecretError, match=r"^no token for https://monitor\.azure\.com/"):
        post(request_to("https://rw.ingest.monitor.azure.com"), START)


def test_the_columns_are_those_of_the_table_in_the_template() -> None:
    columns = re.findall(r"\{ name: '(\w+)', type: '\w+' \}", BICEP.read_text())
    assert set(row(an_alert(), START)) == set(columns)
