"""The query over a CloudTrail table, by its meaning: DuckDB runs it over generated trails."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlglot

from registrywatch.errors import UnreadableInput
from registrywatch.events import RegistryEvent
from registrywatch.globs import Globs
from registrywatch.sources import read
from registrywatch.sources.many import parts
from registrywatch.sources.remote import athena
from registrywatch.sources.remote.athena_sql import record_of, sql
from registrywatch.sources.remote.kind import Wanted
from tests.builders import cloudtrail as ct
from tests.builders.athena import TABLE, loaded
from tests.builders.clock import T0, iso
from tests.builders.day import attack_records, everyday_records
from tests.builders.moto import aws_in_memory
from tests.builders.trail_folder import everything

DAY = 86_400.0


def trail() -> list[ct.Json]:
    """A day with an attack among other services' records, refused calls and odd ones."""
    odd = [
        {**ct.pull("a", repository="x"), "errorCode": "ImageNotFoundException"},
        {**ct.delete_repository("refused"), "errorCode": "AccessDenied"},
        {**ct.pull("b"), "errorCode": "Client.UnauthorizedOperation"},
        {**ct.pull("c"), "errorCode": ""},
        {
            **ct.record("AssumeRole"),
            "eventSource": "sts.amazonaws.com",
            "errorCode": "AccessDenied",
        },
        ct.record("DescribeImages"),
        ct.create_repository('it\'s "quoted"; --'),
        {**ct.pull("d"), "resources": None},
    ]
    return [*everyday_records(), *attack_records(), *everything(2000, 0.05, seed=5), *odd]


def sifted(records: list[ct.Json], wanted: Wanted) -> list[dict[str, Any]]:
    """The records that the query gives, rebuilt from its rows."""
    [query] = sqlglot.transpile(sql(TABLE, wanted), read="athena", write="duckdb")
    result = loaded(records).execute(query)
    names = [column[0] for column in result.description]
    return [record_of(dict(zip(names, row, strict=True))) for row in result.fetchall()]


def events_in(records: list[Any]) -> list[RegistryEvent]:
    reading = read(json.dumps({"Records": records}).encode())
    assert not reading.problems
    return sorted(reading.events, key=lambda event: (event.time, event.key))


def test_the_events_that_come_out_are_exactly_those_that_the_detector_reads() -> None:
    records = trail()
    rows = sifted(records, Wanted())
    assert events_in(rows) == events_in(records)
    assert len(events_in(records)) > 1000
    read_by_none = len(rows) - len(events_in(rows))  # a record holds one event at most
    assert read_by_none <= len(rows) / 100, "nothing else is worth its transfer"
    assert [row["eventTime"] for row in rows] == sorted(str(row["eventTime"]) for row in rows)


@pytest.mark.parametrize("days", [(0, 1), (3, 9)])
def test_only_the_time_and_the_accounts_asked_for_are_scanned(days: tuple[int, int]) -> None:
    records = [
        {**ct.pull(f"{account}-{day}", account=account), "eventTime": iso(T0 + day * DAY)}
        for account in ("111122223333", "222233334444")
        for day in range(12)
    ]
    first, last = days
    wanted = Wanted(T0 + first * DAY, T0 + last * DAY, Globs(("1111*",)))
    rows = sifted(records, wanted)
    days_read = {str(row["eventTime"])[8:10] for row in rows}
    assert days_read == {f"{day + 1:02}" for day in range(max(first - 1, 0), last)}
    assert {row["recipientAccountId"] for row in rows} == {"111122223333"}
    query = sql(TABLE, wanted)
    assert '"timestamp" >= \'' in query, "whole partitions are left out"
    assert "account LIKE '1111%'" in query


def test_partitions_by_year_month_and_day_are_left_out_too() -> None:
    partitions = {"year": "string", "month": "string", "day": "string"}
    table = msgspec.structs.replace(TABLE, partitions=partitions, properties={})
    query = sql(table, Wanted(since=T0))
    assert "lpad(CAST(day AS varchar), 2, '0')) >= '20260731'" in query


def test_a_table_without_a_column_is_named() -> None:
    columns = {name: kind for name, kind in TABLE.columns.items() if name != "sharedeventid"}
    with pytest.raises(UnreadableInput, match=r"table logs\.trail has no column sharedeventid"):
        sql(msgspec.structs.replace(TABLE, columns=columns), Wanted())


def test_no_name_leads_out_of_the_query() -> None:
    with pytest.raises(UnreadableInput, match="no name of a table"):
        sql(msgspec.structs.replace(TABLE, name='x" --'), Wanted())
    assert "''" in sql(TABLE, Wanted(accounts=Globs(("1' OR '1'='1",))))


# Running it


class Athena:
    """What is asked of Athena, with canned answers."""

    def __init__(self, *states: str, rows: list[list[str | None]] | None = None) -> None:
        self._states = iter(states)
        self._rows = rows or []
        self.asked: list[tuple[str, Any]] = []

    def get_table_metadata(self, **_: Any) -> Any:
        columns = [{"Name": name, "Type": kind} for name, kind in TABLE.columns.items()]
        keys = [{"Name": name, "Type": kind} for name, kind in TABLE.partitions.items()]
        found = {"Columns": columns, "PartitionKeys": keys, "Parameters": TABLE.properties}
        return {"TableMetadata": found}

    def start_query_execution(self, **asked: Any) -> Any:
        self.asked.append(("start", asked))
        return {"QueryExecutionId": "q1"}

    def get_query_execution(self, **_: Any) -> Any:
        status = {"State": next(self._states), "StateChangeReason": "it went wrong"}
        return {"QueryExecution": {"Status": status}}

    def stop_query_execution(self, **_: Any) -> None:
        self.asked.append(("stop", None))

    def get_paginator(self, _: str) -> "Athena":
        return self

    def paginate(self, **_: Any) -> Iterator[Any]:
        for at in range(0, len(self._rows), 2):
            cells = [
                {"Data": [{"VarCharValue": each} if each is not None else {} for each in row]}
                for row in self._rows[at : at + 2]
            ]
            yield {"ResultSet": {"Rows": cells}}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def answering(service: Athena, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "_client", lambda: service)


def test_its_result_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["eventid", "eventtime", "eventsource", "eventname", "requestparameters"]
    rows: list[list[str | None]] = [
        [f"id{n}", iso(T0 + n), "ecr.amazonaws.com", "DeleteRepository", '{"force": true}']
        for n in range(5)
    ]
    service = Athena("QUEUED", "RUNNING", "SUCCEEDED", rows=[[*names], *rows])
    answering(service, monkeypatch)
    found = athena.find("athena://logs/trail?workgroup=w&output=s3://out/", Wanted())
    events = [event for part in parts(found.inputs) for event in part.piece.reading.events]
    assert [event.id for event in events] == [f"id{n}" for n in range(5)]
    [(_, asked)] = service.asked
    assert (asked["WorkGroup"], asked["QueryExecutionContext"]) == ("w", {"Database": "logs"})


def test_a_query_that_fails_is_one_clear_line_and_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Athena("FAILED")
    answering(service, monkeypatch)
    [part] = parts(athena.find("athena://logs/trail", Wanted()).inputs)
    assert part.failure == "the query did not succeed: it went wrong"
    assert service.asked[-1] == ("stop", None)


def test_a_dry_run_shows_the_query_and_what_it_would_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Athena()
    answering(service, monkeypatch)
    from registrywatch.sources.remote import buckets

    buckets._client.cache_clear()
    with aws_in_memory():
        import boto3

        client = boto3.client("s3")
        where = {"LocationConstraint": "eu-west-1"}
        client.create_bucket(Bucket="trail-logs", CreateBucketConfiguration=where)
        client.put_object(Bucket="trail-logs", Key="AWSLogs/x.json.gz", Body=b"12345")
        query, scan = athena.plan("athena://logs/trail", Wanted())
    buckets._client.cache_clear()
    assert query == sql(TABLE, Wanted())
    assert scan.startswith("-- it would scan at most 1 objects")
    assert service.asked == []


@pytest.mark.parametrize("address", ["athena://", "athena://db", "athena://db/t?x=1"])
def test_an_address_of_wrong_form_is_said(address: str) -> None:
    with pytest.raises(UnreadableInput, match="must be"):
        athena.find(address, Wanted())
