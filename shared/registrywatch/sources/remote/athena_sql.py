"""The query that keeps, of a CloudTrail table in Athena, the records that some rule reads.

It is made from the readers' own lists, so a call that a new rule reads is in the next query. The
table is the one that AWS's "Query AWS CloudTrail logs" makes, partitioned in any of the usual ways.
"""

import json
import re
from collections.abc import Iterator, Mapping

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.cloudtrail import CALLS, REFUSED
from registrywatch.sources.refused_calls import REFUSALS
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import MARGIN
from registrywatch.times import rfc3339

_NAME = re.compile(r"[\w.-]+", re.ASCII)
_TEXTS = (
    "eventid",
    "eventtime",
    "eventsource",
    "eventname",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "errorcode",
    "errormessage",
    "requestparameters",
    "responseelements",
    "recipientaccountid",
    "sharedeventid",
    "serviceeventdetails",
)
_IDENTITY = {
    "identity_type": "useridentity.type",
    "identity_arn": "useridentity.arn",
    "identity_account": "useridentity.accountid",
    "identity_name": "useridentity.username",
    "invoked_by": "useridentity.invokedby",
    "issuer_arn": "useridentity.sessioncontext.sessionissuer.arn",
}
_DAYS = {"yyyy/MM/dd": "%Y/%m/%d", "yyyy-MM-dd": "%Y-%m-%d", "yyyyMMdd": "%Y%m%d"}


class Table(msgspec.Struct, frozen=True):
    """A table: its columns and partition columns with their types, and its properties."""

    database: str
    name: str
    columns: Mapping[str, str]
    partitions: Mapping[str, str] = {}
    properties: Mapping[str, str] = {}


def sql(table: Table, wanted: Wanted) -> str:
    """The query, in Athena's SQL. Raises UnreadableInput where a column is missing."""
    present = {**table.columns, **table.partitions}
    needed = (*_TEXTS, "useridentity", "resources")
    if missing := [name for name in needed if name not in present]:
        columns = ", ".join(missing)
        raise UnreadableInput(
            f"the table {table.database}.{table.name} has no column {columns}; it must have "
            "those of AWS's table of CloudTrail logs"
        )
    if not (_NAME.fullmatch(table.database) and _NAME.fullmatch(table.name)):
        raise UnreadableInput(f"{table.database!a}.{table.name!a} is no name of a table")
    fields = [*_TEXTS, *(f"{path} AS {name}" for name, path in _IDENTITY.items())]
    if "onbehalfof" in present["useridentity"]:
        fields.append("useridentity.onbehalfof.userid AS on_behalf_of")
    if "tlsdetails" in present:
        fields.append("tlsdetails.tlsversion AS tls_version")
    fields.append("json_format(CAST(transform(resources, r -> r.arn) AS JSON)) AS resource_arns")
    conditions = [*_partitions(table, wanted), *_times(wanted), *_accounts(wanted), _calls()]
    return (
        "SELECT\n  "
        + ",\n  ".join(fields)
        + f'\nFROM "{table.database}"."{table.name}"\nWHERE '
        + "\n  AND ".join(conditions)
        + "\nORDER BY eventtime"
    )


def record_of(row: Mapping[str, str | None]) -> dict[str, object]:
    """A row of the query's result as the CloudTrail record that it was."""
    return {
        "eventID": row.get("eventid"),
        "eventTime": row.get("eventtime"),
        "eventSource": row.get("eventsource"),
        "eventName": row.get("eventname"),
        "awsRegion": row.get("awsregion"),
        "sourceIPAddress": row.get("sourceipaddress"),
        "userAgent": row.get("useragent"),
        "errorCode": row.get("errorcode") or None,
        "errorMessage": row.get("errormessage") or None,
        "requestParameters": _json(row.get("requestparameters")),
        "responseElements": _json(row.get("responseelements")),
        "recipientAccountId": row.get("recipientaccountid"),
        "sharedEventID": row.get("sharedeventid") or None,
        "serviceEventDetails": _json(row.get("serviceeventdetails")),
        "resources": [{"ARN": arn} for arn in json.loads(row.get("resource_arns") or "[]") or []],
        "tlsDetails": {"tlsVersion": row["tls_version"]} if row.get("tls_version") else None,
        "userIdentity": {
            "type": row.get("identity_type"),
            "arn": row.get("identity_arn"),
            "accountId": row.get("identity_account"),
            "userName": row.get("identity_name"),
            "invokedBy": row.get("invoked_by"),
            "sessionContext": {"sessionIssuer": {"arn": row.get("issuer_arn")}},
            "onBehalfOf": {"userId": row["on_behalf_of"]} if row.get("on_behalf_of") else None,
        },
    }


def _json(text: str | None) -> object:
    """What a column holds as JSON text; text that is none stays text, which a reader reports."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _calls() -> str:
    read = [
        f"(eventsource = {_text(source)} AND eventname IN ({', '.join(map(_text, sorted(names)))}))"
        for source, names in sorted(CALLS.items())
        if names
    ]
    sources = ", ".join(map(_text, sorted(REFUSED)))
    codes = ", ".join(map(_text, sorted(REFUSALS)))
    return (
        "((coalesce(errorcode, '') = '' AND (\n      "
        + "\n      OR ".join(read)
        + f"))\n    OR (eventsource IN ({sources})\n"
        f"      AND lower(regexp_extract(errorcode, '[^.]*$')) IN ({codes})))"
    )


def _times(wanted: Wanted) -> Iterator[str]:
    """Windows begin before the time asked for: a day more is kept, as of files."""
    if wanted.since is not None:
        yield f"eventtime >= {_text(_whole(max(wanted.since - MARGIN, 0.0)))}"
    if wanted.until is not None:
        yield f"eventtime < {_text(_whole(wanted.until))}"


def _accounts(wanted: Wanted) -> Iterator[str]:
    if wanted.accounts:
        yield f"({_any_glob('recipientaccountid', wanted.accounts.patterns)})"


def _partitions(table: Table, wanted: Wanted) -> Iterator[str]:
    """The conditions that leave out whole partitions, if the table declares them."""
    names = set(table.partitions)
    if wanted.accounts:
        for name in sorted(names & {"account", "accountid", "account_id"}):
            yield f"({_any_glob(name, wanted.accounts.patterns)})"
    first = None if wanted.since is None else max(wanted.since - MARGIN, 0.0)
    last = None if wanted.until is None else wanted.until + MARGIN
    if {"year", "month", "day"} <= names:
        yield from _between(
            "concat(CAST(year AS varchar), lpad(CAST(month AS varchar), 2, '0'), "
            "lpad(CAST(day AS varchar), 2, '0'))",
            "%Y%m%d",
            first,
            last,
        )
    for name in sorted(names):
        form = _DAYS.get(table.properties.get(f"projection.{name}.format", ""))
        if form is not None:
            yield from _between(f'"{name}"', form, first, last)


def _between(column: str, form: str, first: float | None, last: float | None) -> Iterator[str]:
    from datetime import UTC, datetime

    for sign, at in ((">=", first), ("<=", last)):
        if at is not None:
            yield f"{column} {sign} {_text(datetime.fromtimestamp(at, UTC).strftime(form))}"


def _any_glob(column: str, globs: tuple[str, ...]) -> str:
    return " OR ".join(f"{column} LIKE {_text(_like(glob))} ESCAPE '!'" for glob in globs)


def _like(glob: str) -> str:
    escaped = re.sub(r"[!%_]", r"!\g<0>", glob)
    return escaped.replace("*", "%").replace("?", "_")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _whole(at: float) -> str:
    return rfc3339(float(int(at)))
