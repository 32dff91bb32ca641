"""What an action group sends for an alarm: Azure Monitor's common alert schema."""

from typing import Any

from tests.builders.azure import SUBSCRIPTION
from tests.builders.cloudtrail import Json

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/registrywatch"
INSIGHTS = f"{GROUP}/providers/microsoft.insights/components/registrywatch"


def common_alert(
    rule: str = "registrywatch-late",
    *,
    alert: str = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e",
    resolved: bool = False,
    severity: str = "Sev1",
    fired: str = "2026-08-01T09:10:12.3713213Z",
    dimensions: dict[str, str] | None = None,
    value: float = 3.0,
    **essentials: Any,
) -> Json:
    """A log alert (version 2), fired or resolved; `dimensions` are those of its time series."""
    condition = {
        "searchQuery": "traces",
        "metricMeasureColumn": None,
        "operator": "GreaterThan",
        "threshold": "0",
        "timeAggregation": "Count",
        "dimensions": [
            {"name": name, "value": given} for name, given in (dimensions or {}).items()
        ],
        "metricValue": value,
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    }
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": f"/subscriptions/{SUBSCRIPTION}/providers/"
                f"Microsoft.AlertsManagement/alerts/{alert}",
                "alertRule": rule,
                "severity": severity,
                "signalType": "Log",
                "monitorCondition": "Resolved" if resolved else "Fired",
                "monitoringService": "Log Alerts V2",
                "alertTargetIDs": [INSIGHTS],
                "configurationItems": ["registrywatch"],
                "originAlertId": "3f2d4487-b0fc-4125-8bd5-7ad17384221e",
                "firedDateTime": fired,
                "description": "An alert has not reached its destination.",
                "essentialsVersion": "1.0",
                "alertContextVersion": "1.0",
                **essentials,
            },
            "alertContext": {
                "properties": None,
                "conditionType": "LogQueryCriteria",
                "condition": {"windowSize": "PT15M", "allOf": [condition]},
            },
        },
    }
