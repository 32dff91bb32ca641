"""What log buckets, hubs and queues hold beside events of registries; it is skipped."""

from registrywatch.sources.formats.format import Fields, Format, begins, present, text_of


def _is_insight(fields: Fields) -> bool:
    return "insightDetails" in fields or text_of(fields, "eventCategory") == "Insight"


def _skipped(
    kind: str, source: str, example: str, *names: str, one_of: tuple[str, ...] = ()
) -> Format:
    """A format that is known by members that only it has."""

    def recognise(fields: Fields) -> bool:
        return present(fields, *names) and (not one_of or any(name in fields for name in one_of))

    return Format(
        name=kind, source=source, example=example, recognise=recognise, other=lambda _: kind
    )


CLOUDTRAIL_DIGEST = _skipped(
    "CloudTrail digest files",
    "the folder `CloudTrail-Digest` of a trail's bucket",
    '{"awsAccountId": "111122223333", "digestStartTime": "2026-08-01T09:00:00Z", "logFiles": []}',
    "digestStartTime",
)
CLOUDTRAIL_INSIGHT = Format(
    name="CloudTrail Insights events",
    source="the folder `CloudTrail-Insight` of a trail's bucket",
    example=(
        '{"Records": [{"eventVersion": "1.07", "eventType": "AwsCloudTrailInsight",'
        ' "eventCategory": "Insight", "insightDetails": {"state": "Start"}}]}'
    ),
    recognise=_is_insight,
    other=lambda _: "CloudTrail Insights events",
)
CONFIG_ITEMS = _skipped(
    "AWS Config files",
    "the folder `Config` of a log bucket",
    '{"fileVersion": "1.0", "configSnapshotId": "…", "configurationItems": []}',
    one_of=("configurationItems", "configSnapshotId", "configurationItemDiff"),
)
S3_NOTIFICATION = _skipped(
    "S3 event notifications",
    "a bucket that reports new log files to a queue",
    '{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}]}',
    "s3",
)
WAF_LOG = _skipped(
    "AWS WAF logs",
    "a log bucket",
    '{"timestamp": 1785575412000, "webaclId": "arn:…", "action": "ALLOW"}',
    "webaclId",
)
RESOLVER_LOG = _skipped(
    "Route 53 Resolver query logs",
    "a log bucket",
    '{"version": "1.1", "query_name": "example.com.", "srcaddr": "10.0.0.1"}',
    "query_name",
    "srcaddr",
)
SECURITY_FINDINGS = _skipped(
    "GuardDuty findings",
    "a log bucket",
    '{"schemaVersion": "2.0", "type": "Recon:EC2/PortProbe", "service": {"detectorId": "…"}}',
    "schemaVersion",
    "service",
)
ACR_WEBHOOK = Format(
    name="ACR webhook calls",
    source="a webhook of an Azure container registry; Event Grid sends the same with an envelope",
    example=(
        '{"id": "…", "timestamp": "2026-08-01T09:10:12Z", "action": "delete",'
        ' "target": {"repository": "prod/api"}, "request": {"host": "contoso.azurecr.io"}}'
    ),
    recognise=lambda fields: present(fields, "action") and begins(fields, "target", b"{"),
    other=lambda _: "ACR webhook calls",
)
AZURE_ALERT = _skipped(
    "Azure Monitor alerts",
    "an action group",
    '{"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {}}}',
    "schemaId",
    "data",
)
