"""Alerts: the data, and how they look in each place that shows them."""

from registrywatch.alerts.alert import Alert, Incident, alert_id, decode, encode

__all__ = ["Alert", "Incident", "alert_id", "decode", "encode"]
