"""Every format of documents that is understood, in the order in which they are tried.

Of two that fit a document, the first is meant. A new format is a file here and a line in FORMATS;
docs/inputs.md and the tests of examples follow from it.
"""

from registrywatch.sources.formats import (
    activity_log,
    azure_monitor,
    cloudtrail,
    cloudwatch_logs,
    event_grid,
    eventbridge,
    log_analytics,
    lookup_events,
    others,
    own,
    queues,
    security_lake,
)
from registrywatch.sources.formats.format import Format

FORMATS: tuple[Format, ...] = (
    cloudtrail.CLOUDTRAIL_LOG_FILE,
    eventbridge.EVENTBRIDGE,
    lookup_events.LOOKUP_EVENTS,
    lookup_events.LOOKED_UP_EVENT,
    others.CLOUDTRAIL_INSIGHT,
    others.S3_NOTIFICATION,
    queues.SQS_MESSAGE,
    queues.SNS_RECORD,
    queues.AZURE_QUEUE_MESSAGE,
    cloudtrail.CLOUDTRAIL_RECORD,
    cloudtrail.CLOUDTRAIL_EXPORT,
    security_lake.SECURITY_LAKE,
    lookup_events.SELECTED_MEMBERS,
    cloudwatch_logs.FILTERED_LOG_EVENTS,
    cloudwatch_logs.LOG_SUBSCRIPTION,
    azure_monitor.EVENT_HUB_MESSAGE,
    azure_monitor.AZURE_METRIC,
    activity_log.ACTIVITY_LOG_ENTRY,
    azure_monitor.AZURE_MONITOR_RECORD,
    activity_log.RESOURCE_MANAGER_LIST,
    log_analytics.REPOSITORY_ROW,
    log_analytics.ACTIVITY_ROW,
    log_analytics.QUERY_RESULT,
    log_analytics.OTHER_ROW,
    event_grid.EVENT_GRID,
    others.AZURE_ALERT,
    event_grid.CLOUD_EVENT,
    queues.RECEIVED_MESSAGES,
    queues.LAMBDA_FAILURE,
    queues.SNS_NOTIFICATION,
    own.PARKED_RECORD,
    own.DELIVERY_MESSAGE,
    own.ALERT,
    own.RECHECK,
    eventbridge.EVENTBRIDGE_OTHER,
    others.CLOUDTRAIL_DIGEST,
    others.CONFIG_ITEMS,
    others.WAF_LOG,
    others.RESOLVER_LOG,
    others.SECURITY_FINDINGS,
    others.ACR_WEBHOOK,
)

__all__ = ["FORMATS", "Format"]
