"""The webhook for other products: each row of the table in the docs, as a product gets it."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert, Incident
from registrywatch.delivery import SecretStore
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.destinations.opsgenie import opsgenie_alert
from registrywatch.delivery.message import Message
from registrywatch.delivery.sender import Sender
from registrywatch.settings import parse
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts
from tests.alerts.test_ocsf import check_is_valid
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN

DOCS = Path(__file__).parents[3] / "docs" / "delivery.md"
_CELL = re.compile(r"`([^`]+)`")


def documented() -> dict[str, dict[str, str]]:
    """The settings of each product that the table gives an address for."""
    _, _, table = DOCS.read_text().partition("| product | `…_URL` | `…_HEADERS` | `…_FORMAT` |\n")
    found = {}
    for line in table.partition("\n\n")[0].splitlines()[1:]:
        product, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        given = [match[1] if (match := _CELL.fullmatch(cell)) else None for cell in cells]
        address = given[0] or "https://example.test/source"
        found[product] = {
            "REGISTRYWATCH_WEBHOOK_URL": address.replace("HOST", "host.example"),
            "REGISTRYWATCH_WEBHOOK_HEADERS": given[1] or "",
            "REGISTRYWATCH_WEBHOOK_FORMAT": given[2] or "",
        }
    return found


PRODUCTS = documented()


def sent(product: str, alert: Alert) -> Request:
    """The request that a product gets."""
    [to] = parse(PRODUCTS[product]).destinations
    requests: list[Request] = []

    def post(request: Request, _: float) -> Answer:
        requests.append(request)
        return TAKEN

    message = Message(destination=to.name, alert=alert, since=START)
    assert Sender(SecretStore(), lambda: START, post).attempt(message, to) == TAKEN
    [request] = requests
    return request


def test_the_table_names_what_is_tested_here() -> None:
    assert PRODUCTS.keys() == {
        "Splunk HEC",
        "Datadog Logs",
        "Elastic",
        "incident.io",
        "Opsgenie",
        "Jira Service Management",
    }


@pytest.mark.parametrize(
    ("product", "header"),
    [
        ("Splunk HEC", ("Authorization", "Splunk TOKEN")),
        ("Datadog Logs", ("DD-API-KEY", "KEY")),
        ("Elastic", ("Authorization", "ApiKey KEY")),
        ("incident.io", ("Authorization", "Bearer TOKEN")),
        ("Opsgenie", ("Authorization", "GenieKey KEY")),
        ("Jira Service Management", ("Authorization", "GenieKey KEY")),
    ],
)
def test_each_product_gets_its_token_and_one_json_object(
    product: str, header: tuple[str, str]
) -> None:
    request = sent(product, an_alert())
    assert header in request.headers.items()
    assert request.headers["Content-Type"].startswith("application/json")
    assert b"\n" not in request.body, "Splunk's raw endpoint takes each line for an event"
    assert isinstance(msgspec.json.decode(request.body), dict)


def test_splunk_gets_what_it_needs_to_know_in_the_address() -> None:
    """help.splunk.com, "HTTP Event Collector REST API endpoints"."""
    parts = urlsplit(sent("Splunk HEC", an_alert()).url)
    assert parts.path == "/services/collector/raw"
    assert parse_qs(parts.query).keys() == {"channel", "sourcetype", "source"}


def test_datadog_gets_a_log_with_a_message() -> None:
    """docs.datadoghq.com, "Send logs": of a log `message` is required."""
    finding = msgspec.json.decode(sent("Datadog Logs", an_alert()).body)
    check_is_valid(finding)
    assert finding["message"] == an_alert().summary


def test_elastic_gets_a_document_without_an_id() -> None:
    """The index API: POST /<target>/_doc creates one."""
    request = sent("Elastic", an_alert())
    assert urlsplit(request.url).path == "/registrywatch/_doc"
    assert msgspec.json.decode(request.body)["id"] == an_alert().id


OPSGENIE = {
    "message": 130,
    "alias": 512,
    "description": 15_000,
    "entity": 512,
    "source": 100,
    "priority": 2,
}


def check_opsgenie(body: dict[str, Any]) -> None:
    """docs.opsgenie.com, "Alert API"."""
    assert body["message"]
    for name, most in OPSGENIE.items():
        assert len(body[name]) <= most, name
    assert body["priority"] in {"P1", "P2", "P3", "P4", "P5"}
    assert len(body["tags"]) <= 20
    assert all(len(tag) <= 50 for tag in body["tags"])
    assert sum(map(len, body["details"].values())) <= 8000
    for text in (body["message"], body["description"], *body["details"].values()):
        assert "<" not in text
        assert hidden_in(text, allowed="\n") == []


def test_opsgenie_s_alert_says_what_happened_and_how_bad_it_is() -> None:
    body = msgspec.json.decode(sent("Opsgenie", an_alert(severity=Severity.CRITICAL)).body)
    check_opsgenie(body)
    assert body["message"].startswith("Critical: Dev deleted 12 images from prod/api")
    assert body["priority"] == "P1"
    assert "What to do:" in body["description"]
    assert body["details"]["actor"] == "arn:aws:iam::111122223333:role/Dev"


def test_opsgenie_s_alert_links_to_the_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "https://wiki.example/rules"
    monkeypatch.setitem(PRODUCTS["Opsgenie"], "REGISTRYWATCH_RUNBOOK_URL", page)
    body = msgspec.json.decode(sent("Opsgenie", an_alert()).body)
    assert f"Runbook: {page}#ecr-images-deleted" in body["description"]


def test_alerts_of_one_incident_are_one_opsgenie_alert_and_its_end_closes_it() -> None:
    began = an_alert(1, incident=Incident("1", "open", Severity.HIGH))
    over = an_alert(2, incident=Incident("1", "resolved", Severity.HIGH))
    opened = sent("Opsgenie", began)
    closed = sent("Opsgenie", over)
    assert msgspec.json.decode(opened.body)["alias"] == "registrywatch/1"
    assert closed.url == (
        "https://api.opsgenie.com/v2/alerts/registrywatch%2F1/close?identifierType=alias"
    )
    assert msgspec.json.decode(closed.body)["note"] == over.summary


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_opsgenie_s_alert_is_valid_and_inert(alert: Alert) -> None:
    check_opsgenie(opsgenie_alert(alert))
