"""An alert as an OCSF 1.5 Detection Finding (class 2004), with the cloud profile.

The schema: schema.ocsf.io/1.5.0/classes/detection_finding?profiles=cloud. A finding is for
machines: nothing is escaped or cut.
"""

from typing import Any

import msgspec

from registrywatch import __version__
from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import links
from registrywatch.clouds import CLOUDS
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity
from registrywatch.times import whole_seconds

Json = dict[str, Any]

_CLASS = 2004
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_NEW, _RESOLVED = (1, "New"), (4, "Resolved")
_SEVERITIES = {
    Severity.INFORMATIONAL: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_OWN = {"name": "registrywatch", "vendor_name": "registrywatch", "version": __version__}
_IP, _USER_AGENT, _ACCOUNT_UID = 2, 16, 35  # observable.type_id


def ocsf_finding(alert: Alert, raised: float | None = None) -> Json:
    """The finding. `raised` is when the alert was raised, in seconds since the epoch.

    OCSF's times are in milliseconds. `end_time` is when it happened; `time` is when the finding was
    created or changed, by default the same. A follow-up updates the finding of the alert that it
    follows, and the end of an incident closes the finding of its beginning.
    """
    happened = (whole_seconds(alert.time) or 0) * 1000
    time = happened if raised is None else int(raised * 1000)
    finding: Json = {
        **_classification(alert),
        "is_alert": not alert.resolved,
        "time": time,
        "end_time": happened or None,
        "message": alert.summary,
        "status_detail": "; ".join(alert.reasons) or None,
        "count": alert.count,
        "metadata": {"version": "1.5.0", "uid": alert.id, "profiles": ["cloud"], "product": _OWN},
        "finding_info": _finding_info(alert, time, happened),
        "remediation": {"desc": alert.mitigation, "references": list(alert.references)},
        "cloud": _cloud(alert),
        "resources": [_resource(alert)],
        "evidences": _evidences(alert),
        "observables": _observables(alert),
        "unmapped": {
            "impact": alert.impact,
            "threshold": alert.threshold,
            "window_seconds": alert.window_seconds,
            "silence": alert.silence,
        },
    }
    pruned: Json = _without_absent(finding)
    return pruned


def ocsf_body(alert: Alert, raised: float | None = None) -> bytes:
    return msgspec.json.encode(ocsf_finding(alert, raised))


def _classification(alert: Alert) -> Json:
    """What kind of finding it is, how severe, and whether it is over: each as number and name."""
    activity_id, activity = _activity(alert)
    severity_id, severity = _SEVERITIES[alert.severity]
    status_id, status = _RESOLVED if alert.resolved else _NEW
    return {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Detection Finding",
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": _CLASS * 100 + activity_id,
        "type_name": f"Detection Finding: {activity}",
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
    }


def _finding_info(alert: Alert, time: int, happened: int) -> Json:
    """What was found. Times are in milliseconds; `happened` is 0 if it is not known."""
    is_new = _activity(alert) == _CREATE
    return {
        "uid": alert.incident.id if alert.incident else alert.follows or alert.id,
        "title": alert.title,
        "desc": alert.summary,
        "created_time": time if is_new else None,
        "modified_time": None if is_new else time,
        "last_seen_time": happened or None,
        "src_url": next((link.url for link in links(alert)), None),
        "types": [alert.rule],
        "analytic": {"uid": alert.rule, "name": alert.title, "type_id": 1, "type": "Rule"},
        "attacks": [_attack(mitre) for mitre in alert.mitre],
        "related_events": [{"uid": event} for event in alert.events],
    }


def _activity(alert: Alert) -> tuple[int, str]:
    if alert.resolved:
        return _CLOSE
    return _UPDATE if alert.follows else _CREATE


def _attack(mitre: Mitre) -> Json:
    technique, _, sub = mitre.technique.partition(".")
    return {
        "version": "18",
        "tactic": {"uid": mitre.tactic},
        "technique": {"uid": technique},
        "sub_technique": {"uid": mitre.technique} if sub else None,
    }


def _cloud(alert: Alert) -> Json:
    cloud = CLOUDS[alert.cloud]
    type_id, type_name = cloud.ocsf_account
    account = {"uid": alert.account, "type_id": type_id, "type": type_name}
    return {
        "provider": cloud.label,
        "account": account if alert.account else None,
        "region": alert.region,
    }


def _resource(alert: Alert) -> Json:
    """The repository, else the registry."""
    return {
        "uid": alert.resource
        or "/".join(part for part in (alert.registry, alert.repository) if part)
        or None,
        "name": alert.repository or alert.registry or alert.account or "registry",
        "type": CLOUDS[alert.cloud].registry,
        "region": alert.region,
    }


def _evidences(alert: Alert) -> list[Json]:
    actor = alert.actor
    user: Json = {"uid": actor.id, "name": actor.name, "type": actor.type}
    known = {name: value for name, value in user.items() if value}
    if known and actor.type:
        known["type_id"] = 99  # Other: the cloud's own word is in `type`
    if known and not actor.id and not actor.name:
        known["name"] = "not recorded"
    evidence: Json = {}
    if known:
        evidence["actor"] = {"user": known}
    if actor.ip:
        evidence["src_endpoint"] = _endpoint(actor.ip)
    if evidence and actor.user_agent:  # a request alone is no evidence by the schema
        evidence["http_request"] = {"user_agent": actor.user_agent}
    return [evidence] if evidence else []


def _endpoint(address: str) -> Json:
    """CloudTrail's address may be a service's name, such as cloudformation.amazonaws.com."""
    return {"ip": address} if _is_ip(address) else {"name": address}


def _is_ip(address: str) -> bool:
    import ipaddress  # takes milliseconds, and settings are read without any alert

    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _observables(alert: Alert) -> list[Json]:
    address = alert.actor.ip or ""
    seen = (
        (_IP, "evidences.src_endpoint.ip", address if _is_ip(address) else None),
        (_USER_AGENT, "evidences.http_request.user_agent", alert.actor.user_agent),
        (_ACCOUNT_UID, "cloud.account.uid", alert.account),
    )
    return [{"type_id": kind, "name": name, "value": value} for kind, name, value in seen if value]


def _without_absent(value: Any) -> Any:
    """OCSF has no nulls: absent values are left out, and so is what becomes empty by that."""
    if isinstance(value, dict):
        kept = {name: _without_absent(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, {}, [])}
    if isinstance(value, list):
        return [_without_absent(inner) for inner in value]
    return value
