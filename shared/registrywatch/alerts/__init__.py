"""Alerts: the data, and the parts of their presentation that all destinations share."""

from registrywatch.alerts.alert import Alert, Incident, alert_id, decode, encode

__all__ = ["Alert", "Incident", "alert_id", "decode", "encode"]
