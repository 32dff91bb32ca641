"""Every Kusto query of alarms, workbook and docs, as Microsoft's own parser of Kusto analyses it.

It knows the language, its functions and the types; the tables are written down here as Azure's
pages list them, those columns that somebody here reads.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registrywatch.sources.remote.log_analytics import kql
from tests.azure.bicep import INFRA
from tests.azure.worker import ROOT
from tests.integration.azure.bicep_files import files_in, parse
from tests.integration.azure.bicep_use import Use
from tests.integration.azure.bicep_values import Fields, Items, Known, OneOf, Value
from tests.integration.components import require

pytestmark = pytest.mark.real

# Application Insights as an alert rule, a workbook and `az monitor app-insights query` see it, and
# the tables of a workspace: pages "Application Insights telemetry data model", "apprequests",
# "containerregistryrepositoryevents", "azureactivity".
TABLES = {
    "traces": "timestamp: datetime, message: string, severityLevel: int, customDimensions: dynamic",
    "requests": "timestamp: datetime, name: string, success: string, resultCode: string, "
    "duration: real, operation_Id: string, cloud_RoleName: string",
    "exceptions": "timestamp: datetime, type: string, outerMessage: string, operation_Id: string",
    "ContainerRegistryRepositoryEvents": "TimeGenerated: datetime, _SubscriptionId: string, "
    "OperationName: string",
    "AzureActivity": "TimeGenerated: datetime, _SubscriptionId: string, OperationNameValue: string",
    "source": "TimeGenerated: datetime",  # what a data collection rule transforms
}
ANALYZE = Path(__file__).parents[1] / "tools" / "analyze_kql.js"


def faults(queries: list[str]) -> dict[str, list[str]]:
    """What is wrong with each query that is not sound."""
    request = {
        "tables": [[name, f"({columns})"] for name, columns in TABLES.items()],
        "queries": queries,
    }
    answer = subprocess.run(
        ["node", ANALYZE, require("kusto") / "package"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout)
    return {query: each for query, each in zip(queries, found, strict=True) if each}


def queries_of_templates() -> list[str]:
    templates = {name: parse(name, text) for name, text in files_in(INFRA).items()}
    return [
        query
        for name in ("main.bicep", "optional/log-analytics.bicep")
        for resource in Use(templates, templates[name]).resources()
        for query in _queries(resource.body)
    ]


def _queries(value: Value) -> Iterator[str]:
    match value:
        case Items(each) | OneOf(each):
            for one in each:
                yield from _queries(one)
        case Fields(each):
            for name, one in each.items():
                if name in {"query", "transformKql"}:
                    yield from _texts(one)
                yield from _queries(one)


def _texts(value: Value) -> Iterator[str]:
    options = value.each if isinstance(value, OneOf) else (value,)
    for option in options:
        assert isinstance(option, Known), f"a query that only a deployment knows: {option}"
        yield str(option.value)


def queries_of_workbook() -> list[str]:
    book = json.loads((INFRA / "workbook.json").read_text())
    return [each["content"]["query"] for each in book["items"] if "query" in each["content"]]


def queries_of_docs() -> list[str]:
    pages = [path.read_text().replace("\\|", "|") for path in sorted((ROOT / "docs").glob("*.md"))]
    found = [
        each for page in pages for each in re.findall(r"^ +'((?:traces|requests).*)'$", page, re.M)
    ]
    return found + [
        each for page in pages for each in re.findall(r"--analytics-query '([^']+)'", page)
    ]


def test_every_query_is_sound() -> None:
    alarms, workbook, docs = queries_of_templates(), queries_of_workbook(), queries_of_docs()
    assert (len(alarms) > 5, len(workbook) > 5, len(docs) > 3) == (True, True, True)
    asked = kql(1785572000.0, 1785575600.0, ("1111*",))
    assert faults([*alarms, *workbook, *docs, asked]) == {}


def test_an_alarm_splits_by_columns_that_its_query_gives() -> None:
    text = (INFRA / "monitoring.bicep").read_text()
    alarms = Use({}, parse("monitoring.bicep", text)).variable("alarms")
    assert isinstance(alarms, Items)
    split = []
    for alarm in alarms.each:
        assert isinstance(alarm, Fields)
        dimensions = alarm.each["dimensions"]
        assert isinstance(dimensions, Items)
        for dimension in dimensions.each:
            assert isinstance(dimension, Fields)
            [query], [column] = _texts(alarm.each["query"]), _texts(dimension.each["name"])
            split.append(f"{query} | summarize count() by {column}, strcat({column}, '')")
    assert split
    assert faults(split) == {}


def test_each_part_of_the_workbook_is_of_a_known_kind_and_names_its_time() -> None:
    book = json.loads((INFRA / "workbook.json").read_text())
    assert book["version"] == "Notebook/1.0"
    kinds = {9: "KqlParameterItem/1.0", 3: "KqlItem/1.0"}
    [parameters] = [each["content"] for each in book["items"] if each["type"] == 9]
    named = {each["name"] for each in parameters["parameters"]}
    for each in book["items"]:
        assert each["content"]["version"] == kinds[each["type"]]
        if each["type"] == 3:
            assert each["content"]["timeContextFromParameter"] in named
            assert each["content"]["resourceType"] == "microsoft.insights/components"
    names = [each["name"] for each in book["items"]]
    assert len(set(names)) == len(names)


def test_a_mistake_in_a_query_is_found() -> None:
    wrong = [
        "trace | take 1",
        "traces | where nothing == 1",
        "traces | sumarize count()",
        "traces | extend line = parse_json(message) | summarize count() by line.event",
        "traces | where message > 300",
        "traces | where timestamp > agoo(1h)",
        "traces | where (message has 'x'",
    ]
    assert [*faults(wrong)] == wrong
