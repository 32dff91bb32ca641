"""AWS's table of CloudTrail logs, in DuckDB, to test queries of Athena."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from registrywatch.sources.remote.athena_sql import Table
from tests.builders.cloudtrail import Json

_TEXT = "VARCHAR"
_ISSUER = dict.fromkeys(("type", "principalid", "arn", "accountid", "username"), _TEXT)
_NAMES = ("type", "principalid", "arn", "accountid", "invokedby", "accesskeyid", "username")
_SCHEMAS: dict[str, Any] = {
    "useridentity": {
        **dict.fromkeys(_NAMES, _TEXT),
        "onbehalfof": {"userid": _TEXT, "identitystorearn": _TEXT},
        "sessioncontext": {"sessionissuer": _ISSUER},
    },
    "resources": [{"arn": _TEXT, "accountid": _TEXT, "type": _TEXT}],
    "tlsdetails": {"tlsversion": _TEXT, "ciphersuite": _TEXT},
}


def _declared(schema: Any) -> str:
    if isinstance(schema, list):
        return f"{_declared(schema[0])}[]"
    if isinstance(schema, dict):
        return f"STRUCT({', '.join(f'{name} {_declared(kind)}' for name, kind in schema.items())})"
    return str(schema)


COLUMNS = {
    "eventversion": "VARCHAR",
    "useridentity": _declared(_SCHEMAS["useridentity"]),
    "eventtime": "VARCHAR",
    "eventsource": "VARCHAR",
    "eventname": "VARCHAR",
    "awsregion": "VARCHAR",
    "sourceipaddress": "VARCHAR",
    "useragent": "VARCHAR",
    "errorcode": "VARCHAR",
    "errormessage": "VARCHAR",
    "requestparameters": "VARCHAR",
    "responseelements": "VARCHAR",
    "additionaleventdata": "VARCHAR",
    "requestid": "VARCHAR",
    "eventid": "VARCHAR",
    "resources": _declared(_SCHEMAS["resources"]),
    "eventtype": "VARCHAR",
    "recipientaccountid": "VARCHAR",
    "serviceeventdetails": "VARCHAR",
    "sharedeventid": "VARCHAR",
    "vpcendpointid": "VARCHAR",
    "tlsdetails": _declared(_SCHEMAS["tlsdetails"]),
}
PARTITIONS = {"account": "VARCHAR", "region": "VARCHAR", "timestamp": "VARCHAR"}
PROPERTIES = {"projection.timestamp.format": "yyyy/MM/dd", "location": "s3://trail-logs/AWSLogs/"}
TABLE = Table("logs", "trail", COLUMNS, PARTITIONS, PROPERTIES)


def loaded(records: Iterable[Json]) -> Any:
    """A database with the records, in the form that CloudTrail's SerDe gives."""
    database = duckdb.connect()
    database.execute("CREATE SCHEMA logs")
    columns = {**COLUMNS, **PARTITIONS}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    database.execute(f"CREATE TABLE logs.trail ({declared})")
    cells = ", ".join(
        f"json_transform(row[{at}], '{json.dumps(_SCHEMAS[name])}')"
        if name in _SCHEMAS
        else f"row[{at}]"
        for at, name in enumerate(columns, start=1)
    )
    # One statement for all rows: one for each would take a hundred times as long.
    database.execute(
        f"INSERT INTO logs.trail SELECT {cells} FROM (SELECT unnest(?::VARCHAR[][]) AS row)",
        [[_row(record) for record in records]],
    )
    return database


def _row(record: Json) -> list[Any]:
    lower = {name.lower(): value for name, value in record.items()}
    made: list[Any] = []
    for name in COLUMNS:
        value = lower.get(name)
        if name in _SCHEMAS:
            made.append(json.dumps(_lowered(value)))
        elif value is None or isinstance(value, str):
            made.append(value)
        else:
            made.append(json.dumps(value))
    day = str(record["eventTime"])[:10].replace("-", "/")
    return [*made, record.get("recipientAccountId"), record.get("awsRegion"), day]


def _lowered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name).lower(): _lowered(each) for name, each in value.items()}
    return [_lowered(each) for each in value] if isinstance(value, list) else value
