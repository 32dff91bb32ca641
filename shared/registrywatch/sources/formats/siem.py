"""CloudTrail's and Azure's records as Splunk and Elasticsearch print them: the original inside."""

import json

import msgspec

from registrywatch.sources.formats.cloudtrail import CLOUDTRAIL_RECORD
from registrywatch.sources.formats.format import (
    UNDECODABLE,
    Fields,
    Format,
    begins,
    elements,
    json_in,
    present,
)

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_ORIGINAL = CLOUDTRAIL_RECORD.example
_SPLUNK = json.dumps({"_time": "2026-08-01T09:10:12.000+00:00", "_raw": _ORIGINAL})
_ELASTIC = json.dumps({"@timestamp": "2026-08-01T09:10:12.000Z", "event": {"original": _ORIGINAL}})


def _inner(fields: Fields, name: str) -> Fields:
    """The members of a member that is an object; none if it is not one."""
    try:
        return _decode_fields(fields[name]) if begins(fields, name, b"{") else {}
    except UNDECODABLE:
        return {}


SPLUNK_EVENT = Format(
    name="an event of Splunk",
    source="a search with `_raw` among its fields, exported as JSON",
    example=_SPLUNK,
    recognise=lambda fields: begins(fields, "_raw", b'"'),
    unwrap=lambda fields: json_in(fields, "_raw"),
)
SPLUNK_RESULT = Format(
    name="a result of Splunk's export",
    source="`search/jobs/export` of Splunk's REST API with `output_mode=json`",
    example=f'{{"preview": false, "offset": 0, "result": {_SPLUNK}}}',
    recognise=lambda fields: "_raw" in _inner(fields, "result"),
    unwrap=lambda fields: json_in(fields, "result"),
)
SPLUNK_RESULTS = Format(
    name="the results of a Splunk search",
    source="`search/jobs/…/results` of Splunk's REST API with `output_mode=json`",
    example=f'{{"preview": false, "init_offset": 0, "results": [{_SPLUNK}]}}',
    recognise=lambda fields: present(fields, "preview") and begins(fields, "results", b"["),
    unwrap=lambda fields: elements(fields, "results"),
)
SPLUNK_COLLECTED = Format(
    name="an event for Splunk's HTTP Event Collector",
    source="what Firehose or a forwarder sends to Splunk, and keeps where that fails",
    example=f'{{"time": 1785575412, "sourcetype": "aws:cloudtrail", "event": {_ORIGINAL}}}',
    recognise=lambda fields: present(fields, "sourcetype", "event"),
    unwrap=lambda fields: json_in(fields, "event"),
)
ELASTIC_DOCUMENT = Format(
    name="a document of Elasticsearch with the original event",
    source="Elastic's integrations, with `event.original` kept",
    example=_ELASTIC,
    recognise=lambda fields: (
        begins(fields, "event.original", b'"') or "original" in _inner(fields, "event")
    ),
    unwrap=lambda fields: [
        *json_in(fields, "event.original"),
        *json_in(_inner(fields, "event"), "original"),
    ][:1],
)
ELASTIC_HIT = Format(
    name="a hit of an Elasticsearch search",
    source="elasticdump, or `hits.hits` of a search",
    example=f'{{"_index": "logs-aws.cloudtrail-default", "_id": "1", "_source": {_ELASTIC}}}',
    recognise=lambda fields: begins(fields, "_source", b"{"),
    unwrap=lambda fields: json_in(fields, "_source"),
)
ELASTIC_SEARCH = Format(
    name="the answer to an Elasticsearch search",
    source="`_search` of Elasticsearch or OpenSearch",
    example=f'{{"took": 3, "hits": {{"hits": [{{"_id": "1", "_source": {_ELASTIC}}}]}}}}',
    recognise=lambda fields: begins(_inner(fields, "hits"), "hits", b"["),
    unwrap=lambda fields: elements(_inner(fields, "hits"), "hits"),
)
