"""The same records in every envelope and output format that users have."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.builders.cloudtrail import Json, eventbridge, log_file, looked_up

Envelope = Callable[[list[Json]], bytes]
"""Writes records as the bytes of one file."""


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _lines(values: list[Any]) -> bytes:
    return b"".join(_json(each) + b"\n" for each in values)


# CloudTrail


def _found(records: list[Json]) -> list[Json]:
    events: list[Json] = looked_up(*records)["Events"]
    return events


def _powershell(records: list[Json]) -> bytes:
    """Find-CTEvent | ConvertTo-Json: one object if there is one, with dates of .NET."""
    found = [{**each, "EventTime": "/Date(1788000000000)/"} for each in _found(records)]
    return b"\r\n".join(
        json.dumps(found[0] if len(found) == 1 else found, indent=2).encode().split(b"\n")
    )


def _text_table(records: list[Json]) -> bytes:
    """`--output text`: columns with tabs between, resources on lines of their own."""
    lines = []
    for each in _found(records):
        lines.append(f"EVENTS\tAKIAEXAMPLE\t{each['CloudTrailEvent']}\t{each['EventId']}\tx")
        lines.append("RESOURCES\tprod/api\tAWS::ECR::Repository")
    return "\n".join(lines).encode() + b"\n"


def _sqs_output(bodies: list[str]) -> Json:
    return {
        "Messages": [
            {"MessageId": f"m{n}", "ReceiptHandle": "r", "MD5OfBody": "0", "Body": body}
            for n, body in enumerate(bodies)
        ]
    }


def _notification(message: str) -> str:
    return json.dumps(
        {"Type": "Notification", "MessageId": "n", "TopicArn": "arn:x", "Message": message}
    )


def _failure(record: Json) -> Json:
    return {
        "version": "1.0",
        "timestamp": "2026-09-10T09:01:00.000Z",
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": eventbridge(record),
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "x"},
    }


def _lower_case(value: object) -> object:
    if isinstance(value, dict):
        return {name.lower(): _lower_case(each) for name, each in value.items()}
    return [_lower_case(each) for each in value] if isinstance(value, list) else value


def athena(record: Json) -> Json:
    """A row of Athena's table of CloudTrail: lower case, some columns JSON text."""
    texts = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")
    row = {
        name: json.dumps(value) if name in texts and value is not None else _lower_case(value)
        for name, value in record.items()
    }
    return {name.lower(): value for name, value in row.items()}


def _texts(value: object) -> object:
    """Booleans as text, as some exports have them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return {name: _texts(each) for name, each in value.items()}
    return [_texts(each) for each in value] if isinstance(value, list) else value


def _documents_as_objects(record: Json) -> Json:
    """Policies as objects, not as text; account ids as numbers."""
    request = dict(record["requestParameters"] or {})
    for name in ("policyText", "lifecyclePolicyText"):
        if name in request:
            request[name] = json.loads(request[name])
    for name in ("registryId",):
        if name in request:
            request[name] = int(request[name])
    return {
        **record,
        "requestParameters": request,
        "recipientAccountId": int(record["recipientAccountId"]),
    }


def security_lake(record: Json) -> Json:
    """The record as OCSF's API activity."""
    identity = record["userIdentity"]
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {}).get("arn")
    activity: Json = {
        "class_uid": 6003,
        "time": int(datetime.fromisoformat(record["eventTime"]).timestamp() * 1000),
        "metadata": {"uid": record["eventID"], "product": {"name": "CloudTrail"}},
        "cloud": {"region": record["awsRegion"], "provider": "AWS"},
        "api": {
            "operation": record["eventName"],
            "service": {"name": record["eventSource"]},
            "request": {"data": json.dumps(record["requestParameters"])},
            "response": {
                "error": record.get("errorCode"),
                "message": record.get("errorMessage"),
                "data": json.dumps(record["responseElements"]),
            },
        },
        "actor": {
            "user": {
                "type": identity.get("type"),
                "uid": identity.get("arn"),
                "account": {"uid": identity.get("accountId")},
            },
            "session": {"issuer": issuer},
        },
        "src_endpoint": {"ip": record["sourceIPAddress"]},
        "http_request": {"user_agent": record["userAgent"]},
        "resources": [{"uid": each["ARN"]} for each in record.get("resources", [])],
        "unmapped": {"recipientAccountId": record["recipientAccountId"]},
    }
    return activity


OF_CLOUDTRAIL: dict[str, Envelope] = {
    "log file": lambda records: _json(log_file(*records)),
    "indented log file": lambda records: json.dumps(log_file(*records), indent=4).encode(),
    "records as lines": _lines,
    "array of records": _json,
    "EventBridge": lambda records: _lines(list(map(eventbridge, records))),
    "lookup-events": lambda records: _json(looked_up(*records)),
    "a page of lookup-events": lambda records: _json({**looked_up(*records), "NextToken": "x"}),
    "lookup-events, Events[]": lambda records: _json(_found(records)),
    "lookup-events, Events[] indented": lambda r: json.dumps(_found(r), indent=4).encode(),
    "lookup-events, Events[].CloudTrailEvent": lambda records: json.dumps(
        [each["CloudTrailEvent"] for each in _found(records)], indent=4
    ).encode(),
    "lookup-events, the texts as text": lambda records: "\t".join(
        map(json.dumps, records)
    ).encode(),
    "lookup-events, the texts a line each": lambda records: _lines(list(map(json.dumps, records))),
    "lookup-events --output text": _text_table,
    "lookup-events, Events[].[EventTime, CloudTrailEvent]": lambda records: _json(
        [[each["EventTime"], each["CloudTrailEvent"]] for each in _found(records)]
    ),
    "lookup-events, Events[].{time, event}": lambda records: _json(
        [{"time": each["EventTime"], "event": each["CloudTrailEvent"]} for each in _found(records)]
    ),
    "Find-CTEvent": _powershell,
    "Find-CTEvent in UTF-16": lambda r: _powershell(r).decode().encode("utf-16"),
    "receive-message": lambda records: json.dumps(
        _sqs_output([json.dumps(eventbridge(each)) for each in records]), indent=4
    ).encode(),
    "receive-message, Messages[]": lambda records: _json(
        _sqs_output([json.dumps(each) for each in records])["Messages"]
    ),
    "receive-message, Messages[].Body": lambda records: _json(
        [json.dumps(eventbridge(each)) for each in records]
    ),
    "Splunk, exported": lambda records: _lines(
        [{"preview": False, "result": {"_raw": json.dumps(each)}} for each in records]
    ),
    "Splunk, results": lambda records: _json(
        {"preview": False, "results": [{"_raw": json.dumps(eventbridge(e))} for e in records]}
    ),
    "Splunk's HTTP Event Collector": lambda records: _lines(
        [{"time": 1, "sourcetype": "aws:cloudtrail", "event": each} for each in records]
    ),
    "Elasticsearch, hits": lambda records: _lines(
        [{"_source": {"event": {"original": json.dumps(each)}}} for each in records]
    ),
    "Elasticsearch, a search": lambda records: _json(
        {"hits": {"hits": [{"_source": {"event.original": json.dumps(e)}} for e in records]}}
    ),
    "SNS to SQS": lambda records: _json(
        _sqs_output([_notification(json.dumps(eventbridge(each))) for each in records])
    ),
    "SNS to Lambda": lambda records: _json(
        {
            "Records": [
                {"EventSource": "aws:sns", "Sns": json.loads(_notification(json.dumps(e)))}
                for e in records
            ]
        }
    ),
    "SQS to Lambda": lambda records: _json(
        {
            "Records": [
                {"messageId": "m", "eventSource": "aws:sqs", "body": json.dumps(eventbridge(each))}
                for each in records
            ]
        }
    ),
    "Lambda's failures": lambda records: _lines(list(map(_failure, records))),
    "Lambda's failures in a queue": lambda records: _json(
        _sqs_output([json.dumps(_failure(each)) for each in records])
    ),
    "filter-log-events": lambda records: _json(
        {"events": [{"timestamp": 1, "message": json.dumps(each)} for each in records]}
    ),
    "Athena": lambda records: _lines(list(map(athena, records))),
    "truth values as text": lambda records: _json({"Records": _texts(records)}),
    "documents as objects": lambda r: _lines([_documents_as_objects(each) for each in r]),
    "requests as text": lambda records: _lines(
        [
            {
                **each,
                "requestParameters": json.dumps(each["requestParameters"]),
                "responseElements": json.dumps(each["responseElements"]),
                "userIdentity": json.dumps(each["userIdentity"]),
            }
            for each in records
        ]
    ),
}

# A registry's resource log


def repository_row(record: Json) -> Json:
    """The record as a row of ContainerRegistryRepositoryEvents."""
    properties = record["properties"]
    return {
        "TimeGenerated": record["time"],
        "OperationName": record["operationName"],
        "ResultType": record["resultType"],
        "ResultDescription": record["resultDescription"],
        "Repository": properties["repository"],
        "Tag": properties["tag"],
        "Digest": properties["digest"],
        "Identity": record["identity"],
        "CallerIpAddress": record["callerIpAddress"],
        "CorrelationId": record["correlationId"],
        "LoginServer": properties["loginServer"],
        "UserAgent": properties["userAgent"],
        "Region": record["location"],
        "DurationMs": 12.5,
        "Category": record["category"],
        "Type": "ContainerRegistryRepositoryEvents",
        "_ResourceId": record["resourceId"].lower(),
    }


def tables(rows: list[Json], *, bare: bool = False) -> Json:
    """Rows as the REST API of Log Analytics gives them; `bare`: columns are names alone."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [each if bare else {"name": each, "type": "string"} for each in names]
    values = [[row.get(each) for each in names] for row in rows]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": values}]}


def _parked(document: Json) -> Json:
    return {"reason": "x", "source": "event-hub", "record": json.dumps(document), "whole": True}


OF_RESOURCE_LOG: dict[str, Envelope] = {
    "Event Hub": lambda records: _json({"records": records}),
    "storage account": _lines,
    "properties as text": lambda records: _json(
        {"records": [{**each, "properties": json.dumps(each["properties"])} for each in records]}
    ),
    "set aside": lambda records: _lines([_parked({"records": [each]}) for each in records]),
    "data export": lambda records: _json({"records": list(map(repository_row, records))}),
    "data export as lines": lambda records: _lines(list(map(repository_row, records))),
    "log-analytics query": lambda records: json.dumps(
        [{**repository_row(each), "TableName": "PrimaryResult"} for each in records], indent=1
    ).encode(),
    "columns as names": lambda r: _json(tables(list(map(repository_row, r)), bare=True)),
    "the REST API of Log Analytics": lambda r: _json(tables(list(map(repository_row, r)))),
}

# The Activity Log


def listed(record: Json, *, words: bool = True) -> Json:
    """The record as `az monitor activity-log list` prints it; without `words`, PowerShell."""

    def word(text: str | None) -> object:
        return {"value": text, "localizedValue": text} if words else text

    results = {"Success": "Succeeded", "Start": "Started", "Accept": "Accepted"}
    return {
        "authorization": {"action": record["operationName"], "scope": record["resourceId"]},
        "caller": next(iter(record["identity"]["claims"].values())),
        "category": word("Administrative"),
        "claims": record["identity"]["claims"],
        "correlationId": record["correlationId"],
        "eventTimestamp": record["time"],
        "httpRequest": {"clientIpAddress": record["callerIpAddress"]},
        "operationName": word(record["operationName"]),
        "resourceId": record["resourceId"],
        "status": word(results.get(record["resultType"], record["resultType"])),
        "properties": record["properties"],
    }


def activity_row(record: Json, **more: Any) -> Json:
    """The record as a row of AzureActivity."""
    return {
        "TimeGenerated": record["time"],
        "OperationNameValue": record["operationName"],
        "OperationName": "Delete something",
        "ActivityStatusValue": record["resultType"],
        "CategoryValue": "Administrative",
        "Caller": next(iter(record["identity"]["claims"].values())),
        "CallerIpAddress": record["callerIpAddress"],
        "Claims": json.dumps(record["identity"]["claims"]),
        "Authorization": json.dumps(record["identity"]["authorization"]),
        "CorrelationId": record["correlationId"],
        "Properties": json.dumps(record["properties"]),
        "Type": "AzureActivity",
        "_ResourceId": record["resourceId"].lower(),
        **more,
    }


OF_ACTIVITY_LOG: dict[str, Envelope] = {
    "Event Hub": lambda records: _json({"records": records}),
    "identity as text": lambda records: _json(
        {"records": [{**each, "identity": json.dumps(each["identity"])} for each in records]}
    ),
    "activity-log list": lambda r: json.dumps([listed(each) for each in r], indent=2).encode(),
    "Get-AzActivityLog": lambda r: _json([listed(each, words=False) for each in r]),
    "the REST API": lambda r: _json({"value": [listed(each) for each in r], "nextLink": "x"}),
    "AzureActivity": lambda records: _json(list(map(activity_row, records))),
    "AzureActivity with dynamic columns": lambda records: _json(
        [activity_row(e, Claims=None, Claims_d=e["identity"]["claims"]) for e in records]
    ),
    "AzureActivity in tables": lambda records: _json(tables(list(map(activity_row, records)))),
}

# Event Grid

OF_EVENT_GRID: dict[str, Envelope] = {
    "array": _json,
    "lines": _lines,
    "dead letters": lambda events: _json(
        [{**each, "deadLetterReason": "MaxDeliveryAttemptsExceeded"} for each in events]
    ),
    "data as text": lambda events: _lines(
        [{**each, "data": json.dumps(each["data"])} for each in events]
    ),
    "set aside": lambda events: _lines(
        [{**_parked(each), "source": "event-grid"} for each in events]
    ),
}
