"""The queries of a Log Analytics workspace, by their meaning: a small evaluator runs them."""

import json
import re
from typing import Any

import pytest

from registrywatch.errors import UnreadableInput
from registrywatch.globs import Globs
from registrywatch.sources import azure_monitor, resource_changes
from registrywatch.sources.many import parts
from registrywatch.sources.remote import log_analytics
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.log_analytics import WorkspaceQuery, answers, find, kql, plan
from registrywatch.times import rfc3339, seconds
from tests.builders.clock import T0

WORKSPACE = "0a1b2c3d-0000-4000-8000-000000000001"
DAY = 86_400.0
Row = dict[str, Any]


def row(table: str, operation: str, at: float, subscription: str = "s1") -> Row:
    name = "OperationName" if table.startswith("Container") else "OperationNameValue"
    return {
        "Type": table,
        "TimeGenerated": rfc3339(at),
        name: operation,
        "ResultDescription": "200",
        "Repository": "r",
        "Tag": "v1",
        "ActivityStatusValue": "Success",
        "_SubscriptionId": subscription,
        "_ResourceId": "/subscriptions/s1/resourcegroups/g/providers"
        "/microsoft.containerregistry/registries/example",
    }


def kept(query: str, rows: list[Row]) -> list[Row]:
    """What the query keeps: the clauses that it uses, evaluated."""
    found = []
    for table, body in re.findall(r"\((\w+)\n(.*?)\)(?:,\n|\n\|)", query, re.DOTALL):
        here = [each for each in rows if each["Type"] == table]
        for clause in re.findall(r"\| where (.*)", body):
            here = [each for each in here if _holds(clause, each)]
        found += here
    assert query.endswith("| order by TimeGenerated asc")
    return sorted(found, key=lambda each: str(each["TimeGenerated"]))


def _holds(clause: str, each: Row) -> bool:
    if found := re.fullmatch(
        r"TimeGenerated >= datetime\((.*?)\) and (.*?) < datetime\((.*?)\)", clause
    ):
        return seconds(found[1]) <= seconds(each[found[2]]) < seconds(found[3])
    if found := re.fullmatch(r"(\w+) in~ \((.*)\)?", clause):
        return f'"{str(each.get(found[1], "")).lower()}"' in found[2].lower()
    matches = re.findall(r"(\w+) matches regex @'(.*?)'(?: or |$)", clause)
    assert matches, clause
    return any(re.search(pattern, str(each[name])) for name, pattern in matches)


def test_the_rows_that_are_kept_are_exactly_those_that_some_rule_reads() -> None:
    logs = [
        row("ContainerRegistryRepositoryEvents", name, T0)
        for name in ("Pull", "pull", "Push", "Delete", "Untag", "Purge")
    ]
    activity = [
        row("AzureActivity", name.upper(), T0)
        for name in (*resource_changes.OPERATIONS, "microsoft.compute/virtualmachines/write")
    ]
    rows = kept(kql(T0, T0 + 1), logs + activity)
    read = [
        each
        for each in logs + activity
        if azure_monitor.is_read("ContainerRegistryRepositoryEvents", each.get("OperationName"))
        or azure_monitor.is_read("Administrative", each.get("OperationNameValue"))
    ]
    assert sorted(map(str, rows)) == sorted(map(str, read))
    assert 20 < len(rows) < len(logs + activity)


def test_only_the_time_and_the_subscriptions_asked_for_are_kept() -> None:
    name = "ContainerRegistryRepositoryEvents"
    rows = [row(name, "Pull", T0 + n, f"S{n % 2}") for n in range(10)]
    found = kept(kql(T0 + 2, T0 + 8, ("s1",)), rows)
    assert [each["TimeGenerated"] for each in found] == [rfc3339(T0 + n) for n in (3, 5, 7)]


class Workspace:
    """A workspace whose answers hold few rows."""

    def __init__(self, rows: list[Row], most: int) -> None:
        self._rows, self._most = rows, most
        self.queries = 0

    def ask(self, _: str, query: str) -> bytes:
        self.queries += 1
        rows = kept(query, self._rows)
        columns = list(self._rows[0]) if self._rows else ["TimeGenerated"]
        body: Row = {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [{"name": name} for name in columns],
                    "rows": [[each.get(name) for name in columns] for each in rows[: self._most]],
                }
            ]
        }
        if len(rows) > self._most:
            body["error"] = {"code": "PartialError", "message": "too many rows"}
        return json.dumps(body, indent=1).encode()


def test_a_day_with_too_many_rows_is_asked_for_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ContainerRegistryRepositoryEvents"
    rows = [row(name, "Pull", T0 + n * 600) for n in range(400)]
    workspace = Workspace(rows, most=50)
    monkeypatch.setattr(log_analytics, "_ask", workspace.ask)
    found = find(f"loganalytics://{WORKSPACE}", Wanted(T0 + DAY, T0 + 3 * DAY))
    events = [event for part in parts(found.inputs) for event in part.piece.reading.events]
    assert [event.time for event in events] == [T0 + n * 600 for n in range(400)]
    assert workspace.queries > 8


def test_a_minute_with_too_many_rows_is_said_and_what_was_read_is_kept() -> None:
    rows = [row("ContainerRegistryRepositoryEvents", "Pull", T0) for _ in range(9)]
    asked = WorkspaceQuery(WORKSPACE, T0 - DAY, T0 + DAY)
    found = []
    with pytest.raises(UnreadableInput, match="rows in the minute of 2026-08-01T09:00"):
        for answer in answers(asked, Workspace(rows, most=5).ask):
            found.append(answer)
    assert len(found) >= 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b"", "access denied; the role Log Analytics Reader is needed"),
        (404, b"{}", "there is no such workspace"),
        (
            400,
            b'{"error": {"message": "bad", "innererror": {"message": "no column Repository"}}}',
            "Log Analytics refused with status 400: no column Repository",
        ),
        (500, b"<html>", "Log Analytics refused with status 500: "),
    ],
)
def test_a_refusal_is_one_clear_line(status: int, body: bytes, said: str) -> None:
    assert log_analytics._refusal(status, body) == said


def test_a_dry_run_shows_the_query() -> None:
    query, *_, last = plan(f"loganalytics://{WORKSPACE}", Wanted(T0, T0 + 2 * DAY, Globs(("s",))))
    assert query.startswith("union isfuzzy=true\n  (ContainerRegistryRepositoryEvents\n")
    assert last.startswith("// it would run once for each of 4 days")


def test_an_address_that_is_no_workspace_is_said() -> None:
    with pytest.raises(UnreadableInput, match="must be loganalytics://WORKSPACE"):
        find("loganalytics://my-workspace", Wanted())
