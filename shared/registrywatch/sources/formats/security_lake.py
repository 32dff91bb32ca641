"""CloudTrail's records as Amazon Security Lake keeps them: OCSF's class API Activity (6003).

Source: OCSF's mapping of CloudTrail, versions 1.0 and 1.1. Of the response only `api.response.data`
is read; the flattened texts under `unmapped` have lost their types.
"""

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.formats.cloudtrail import RECORD
from registrywatch.sources.formats.format import Fields, Format, begins, json_value
from registrywatch.times import YEAR_10000, rfc3339


class _Uid(msgspec.Struct):
    uid: str | None = None


class _Named(msgspec.Struct):
    name: str | None = None


class _Metadata(msgspec.Struct):
    uid: str | None = None
    product: _Named | None = None


class _Request(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Response(msgspec.Struct):
    error: str | None = None
    message: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Api(msgspec.Struct):
    operation: str | None = None
    service: _Named | None = None
    request: _Request | None = None
    response: _Response | None = None


class _User(msgspec.Struct):
    type: str | None = None
    name: str | None = None
    uid: str | None = None
    account: _Uid | None = None


class _Session(msgspec.Struct):
    issuer: str | None = None


class _Actor(msgspec.Struct):
    user: _User | None = None
    session: _Session | None = None
    invoked_by: str | None = None


class _Cloud(msgspec.Struct):
    region: str | None = None
    account: _Uid | None = None


class _Endpoint(msgspec.Struct):
    ip: str | None = None
    domain: str | None = None


class _Client(msgspec.Struct):
    user_agent: str | None = None


class _Resource(msgspec.Struct):
    uid: str | None = None


class _Activity(msgspec.Struct):
    metadata: _Metadata
    api: _Api
    time: int | None = None
    actor: _Actor | None = None
    cloud: _Cloud | None = None
    src_endpoint: _Endpoint | None = None
    http_request: _Client | None = None
    resources: list[_Resource] | None = None
    unmapped: dict[str, object] | None = None


_decode = msgspec.json.Decoder(_Activity).decode


def _part(raw: msgspec.Raw, name: str) -> msgspec.Raw:
    found = json_value(raw, name)
    return msgspec.Raw(found[0] if found else b"null")


def _record(fields: Fields) -> list[bytes]:
    """The CloudTrail record that the activity was made of."""
    made = _decode(msgspec.json.encode(dict(fields)))
    if made.time is None or not 0 <= made.time < YEAR_10000 * 1000:
        raise UnreadableInput(f"time {made.time!r} is not milliseconds since 1970")
    api, actor = made.api, made.actor or _Actor()
    user, endpoint = actor.user or _User(), made.src_endpoint or _Endpoint()
    cloud, response = made.cloud or _Cloud(), api.response or _Response()
    account = (made.unmapped or {}).get("recipientAccountId") or (cloud.account or _Uid()).uid
    issuer = actor.session.issuer if actor.session else None
    record = {
        "eventSource": api.service.name if api.service else None,
        "eventName": api.operation,
        "eventTime": rfc3339(made.time / 1000),
        "eventID": made.metadata.uid,
        "awsRegion": cloud.region,
        "recipientAccountId": account,
        "sourceIPAddress": endpoint.ip or endpoint.domain,
        "userAgent": made.http_request.user_agent if made.http_request else None,
        "errorCode": response.error,
        "errorMessage": response.message,
        "userIdentity": {
            "type": user.type,
            "arn": user.uid if (user.uid or "").startswith("arn:") else None,
            "userName": user.name,
            "accountId": (user.account or _Uid()).uid,
            "invokedBy": actor.invoked_by,
            "sessionContext": {"sessionIssuer": {"arn": issuer}} if issuer else None,
        },
        "requestParameters": _part((api.request or _Request()).data, "api.request.data"),
        "responseElements": _part(response.data, "api.response.data"),
        "resources": [{"ARN": each.uid} for each in made.resources or ()],
    }
    return [msgspec.json.encode(record)]


SECURITY_LAKE = Format(
    name="an API activity of Security Lake",
    source="Amazon Security Lake by Athena, or a subscriber; OCSF",
    example=(
        '{"class_uid": 6003, "time": 1785575412000, "metadata": {"uid":'
        ' "11111111-0000-4000-8000-000000000001", "product": {"name": "CloudTrail"}},'
        ' "cloud": {"region": "eu-west-1"}, "api": {"operation": "DeleteRepository",'
        ' "service": {"name": "ecr.amazonaws.com"},'
        ' "request": {"data": "{\\"repositoryName\\": \\"prod/api\\", \\"force\\": true}"}},'
        ' "actor": {"user": {"type": "IAMUser", "uid":'
        ' "arn:aws:iam::111122223333:user/bob", "account": {"uid": "111122223333"}}},'
        ' "unmapped": {"recipientAccountId": "111122223333"}}'
    ),
    recognise=lambda fields: begins(fields, "api", b"{") and begins(fields, "metadata", b"{"),
    unwrap=_record,
    holds=RECORD,
)
