"""AWS Security Hub: a finding in its format (ASFF), imported into the account of the product.

A repeated alert updates its finding, because the id is the alert's. Limits and required fields:
docs.aws.amazon.com/securityhub, "AWS Security Finding Format"; title 256 characters, description
1,024, recommendation 512, 50 fields of the product, 32 resources.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import links
from registrywatch.alerts.text import shown, utf16_size
from registrywatch.clouds import AWS
from registrywatch.delivery.destinations.aws_call import (
    arn_reader,
    aws_call,
    region_of,
    verdict_of,
)
from registrywatch.delivery.destinations.kind import (
    DestinationKind,
    Option,
    Outgoing,
    Request,
    Verdict,
)
from registrywatch.severity import Severity
from registrywatch.times import whole_seconds

Json = dict[str, Any]

_LABELS = {severity: severity.value.upper() for severity in Severity}
_TYPE = "TTPs/Registry Abuse"
_TITLE, _DESCRIPTION, _RECOMMENDATION, _FIELD = 256, 1024, 512, 1024


def finding(alert: Alert, product: str, now: float) -> Json:
    """The finding. `now` is when it is sent, in seconds since the epoch."""
    _, partition, _, region, account, _ = product.split(":", 5)
    happened = whole_seconds(alert.time)
    created = _time(now if happened is None else happened)
    found: Json = {
        "SchemaVersion": "2018-10-08",
        "Id": f"registrywatch/{shown(alert.incident.id if alert.incident else alert.id, 200)}",
        "ProductArn": product,
        "ProductName": "registrywatch",
        "CompanyName": "registrywatch",
        "Region": region,
        "GeneratorId": _cut(alert.rule, _TITLE),
        "AwsAccountId": account,
        "Types": [_TYPE],
        "CreatedAt": created,
        "UpdatedAt": max(created, _time(now)),
        "Severity": {"Label": _LABELS[alert.severity], "Original": alert.severity.value},
        "Title": _cut(alert.title, _TITLE),
        "Description": _cut(" ".join((alert.summary, *alert.reasons)), _DESCRIPTION),
        "Remediation": {"Recommendation": {"Text": _cut(alert.mitigation, _RECOMMENDATION)}},
        "Resources": [_resource(alert, partition)],
        "ProductFields": _fields(alert),
        # The first import of a finding sets its workflow; every import sets its record's state
        "RecordState": "ARCHIVED" if alert.resolved else "ACTIVE",
        "Workflow": {"Status": "RESOLVED" if alert.resolved else "NEW"},
    }
    if pages := links(alert):
        found["SourceUrl"] = pages[0].url
    return found


def _resource(alert: Alert, partition: str) -> Json:
    """The repository, else what is known of the place."""
    resource: Json = {
        "Type": "Other",
        "Id": _cut(alert.resource or alert.registry or alert.account or "registry", 512),
        "Partition": partition,
    }
    if alert.cloud == "aws" and (alert.resource or "").startswith("arn:"):
        resource["Type"] = "AwsEcrRepository" if alert.repository else "Other"
        resource["Partition"] = AWS.partition_of_region(alert.region or "").name
    if alert.region:
        resource["Region"] = _cut(alert.region, 64)
    return resource


def _fields(alert: Alert) -> dict[str, str]:
    actor = alert.actor
    fields = {
        "account": alert.account,
        "repository": alert.repository,
        "actor": actor.id or actor.name,
        "address": actor.ip,
        "client": actor.user_agent,
        "events": ", ".join(alert.events),
        "mitre": ", ".join(f"{each.tactic} {each.technique}" for each in alert.mitre),
        "silence": alert.silence,
    }
    return {f"registrywatch/{name}": _cut(text, _FIELD) for name, text in fields.items() if text}


def security_hub_body(alert: Alert) -> bytes:
    """The finding as JSON, for people."""
    return msgspec.json.encode(finding(alert, _EXAMPLE, whole_seconds(alert.time) or 0.0))


def _request(out: Outgoing) -> Request:
    product = out.given["PRODUCT_ARN"]
    return aws_call(
        "securityhub",
        "batch_import_findings",
        region_of(product),
        {"Findings": [finding(out.alert, product, out.now)]},
        _problem,
    )


def _problem(response: Json) -> tuple[Verdict, str] | None:
    """BatchImportFindings answers 200 and says for each finding whether it failed."""
    if not response.get("FailedCount"):
        return None
    code = str(response["FailedFindings"][0].get("ErrorCode", "unknown"))
    return verdict_of(code), code


def _cut(text: str, limit: int) -> str:
    return shown(text, limit, size=utf16_size) or "-"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_EXAMPLE = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"

SECURITY_HUB = DestinationKind(
    name="security-hub",
    label="Security Hub",
    options=(
        Option(
            suffix="PRODUCT_ARN",
            meaning="Security Hub: the ARN of the product that findings are imported as, of the "
            "account that runs registrywatch",
            read=arn_reader("securityhub", r"product/[0-9]{12}/[\w.-]+", _EXAMPLE),
        ),
    ),
    forms={"security-hub": security_hub_body},
    request=_request,
    for_machines=lambda _: True,
    resolves=True,
    clouds=("aws",),
)
