"""`athena://DATABASE/TABLE`: one query filters a CloudTrail table in place; its result is read.

`?workgroup=NAME` and `?output=s3://…` say where the query runs and where its result goes, if the
account's defaults do not.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sdk import input_error
from registrywatch.sdk.aws_client import new_client
from registrywatch.sdk.aws_errors import aws_errors
from registrywatch.sources.inputs import Found
from registrywatch.sources.remote import buckets
from registrywatch.sources.remote.athena_sql import Table, record_of, sql
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.produced import Produced

_HINTS = {
    "denied": "access denied; the credentials need athena:StartQueryExecution, "
    "athena:GetQueryExecution, athena:GetQueryResults, athena:GetTableMetadata, and to read the "
    "table's bucket",
    "MetadataException": "there is no such table",
    "InvalidRequestException": "Athena refused the query; a workgroup may be missing, or where its "
    "result goes (add ?output=s3://BUCKET/)",
}
_LONGEST_WAIT = 5.0  # seconds between two checks of a running query


class Address(msgspec.Struct, frozen=True):
    """What the address says."""

    database: str
    table: str
    workgroup: str | None = None
    output: str | None = None


class AthenaQuery(msgspec.Struct, frozen=True):
    """A query whose result is the input."""

    address: Address
    query: str
    size: int = 0

    @property
    def name(self) -> str:
        return f"athena://{self.address.database}/{self.address.table}"

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:  # noqa: ARG002
        """See `Input`. The query runs until its result is read or no longer wanted."""
        return Produced(_pages(self.address, self.query, time.sleep))


def find(address: str, wanted: Wanted) -> Found:
    """The query as an input; a table that can't be asked is a problem."""
    parts = _parsed(address)
    try:
        return Found([AthenaQuery(parts, sql(_table(parts), wanted))])
    except (UnreadableInput, OSError) as error:
        return Found(problems=[f"{address}: {error}"])


def plan(address: str, wanted: Wanted) -> list[str]:
    """The query, and what it would scan at most. Raises UnreadableInput."""
    table = _table(_parsed(address))
    query = sql(table, wanted)
    location = table.properties.get("location", "")
    if not location.startswith("s3://"):
        return [query]
    found = buckets.find(location, wanted)
    if found.problems:
        return [query, f"-- what it would scan can't be listed: {found.problems[0]}"]
    size = sum(each.size for each in found.inputs)
    return [
        query,
        f"-- it would scan at most {len(found.inputs):,} objects, {size / 1e9:,.3f} GB, if the "
        "table's partitions are the folders of its bucket",
    ]


def _parsed(address: str) -> Address:
    parts = urlsplit(address)
    table = parts.path.strip("/")
    if not parts.netloc or not table or "/" in table:
        raise UnreadableInput(f"{address!a} must be athena://DATABASE/TABLE")
    options = parse_qs(parts.query)
    if unknown := sorted(set(options) - {"workgroup", "output"}):
        raise UnreadableInput(f"{address!a}: {unknown[0]!a} must be workgroup or output")
    workgroup, output = (options.get(name, [None])[0] for name in ("workgroup", "output"))
    return Address(parts.netloc.lower(), table.lower(), workgroup, output)


def _client() -> Any:
    return new_client("athena")


def _errors() -> contextlib.AbstractContextManager[None]:
    return aws_errors(partial(input_error, _HINTS))


def _table(address: Address) -> Table:
    with _errors():
        answer = _client().get_table_metadata(
            CatalogName="AwsDataCatalog", DatabaseName=address.database, TableName=address.table
        )
    found = answer["TableMetadata"]
    return Table(
        address.database,
        address.table,
        {each["Name"].lower(): each.get("Type", "") for each in found.get("Columns", ())},
        {each["Name"].lower(): each.get("Type", "") for each in found.get("PartitionKeys", ())},
        found.get("Parameters", {}),
    )


def _pages(address: Address, query: str, sleep: Callable[[float], None]) -> Iterator[bytes]:
    """The result as CloudTrail log files, one a page. Stops the query if the reader stops."""
    with _errors():
        client = _client()
        more: dict[str, Any] = {}
        if address.workgroup:
            more["WorkGroup"] = address.workgroup
        if address.output:
            more["ResultConfiguration"] = {"OutputLocation": address.output}
        started = client.start_query_execution(
            QueryString=query, QueryExecutionContext={"Database": address.database}, **more
        )
        number = started["QueryExecutionId"]
        try:
            _finished(client, number, sleep)
        except BaseException:
            client.stop_query_execution(QueryExecutionId=number)
            raise
        names: list[str] = []
        pages = client.get_paginator("get_query_results").paginate(QueryExecutionId=number)
        for page in pages:
            rows = [
                [cell.get("VarCharValue") for cell in row["Data"]]
                for row in page["ResultSet"]["Rows"]
            ]
            if not names and rows:  # the first row of the first page
                names = [str(name) for name in rows.pop(0)]
            records = [record_of(dict(zip(names, row, strict=True))) for row in rows]
            yield msgspec.json.encode({"Records": records}) + b"\n"


def _finished(client: Any, number: str, sleep: Callable[[float], None]) -> None:
    wait = 0.25
    while True:
        status = client.get_query_execution(QueryExecutionId=number)["QueryExecution"]["Status"]
        state = status["State"]
        if state == "SUCCEEDED":
            return
        if state in ("FAILED", "CANCELLED"):
            why = status.get("StateChangeReason") or state.lower()
            raise UnreadableInput(f"the query did not succeed: {why}")
        sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)
