"""Generates docs/alert.schema.json, the alert's JSON Schema, from the struct."""

import json
from typing import Any

import msgspec

from registrywatch.alerts import Alert

_ABOUT = {
    "schema": "The version of this schema. A version may gain fields, and never loses one.",
    "id": "Stable: made of the rule and the provider's event id; for counted rules, of the rule, "
    "the group and the time at which the threshold was reached. Every delivery of an alert has the "
    "same id.",
    "rule": "The rule's name, as `registrywatch rules` lists it.",
    "title": "The rule's title.",
    "summary": "What happened, who did it and where, in one sentence; the worst part if there are "
    "several.",
    "severity": "informational, low, medium, high or critical.",
    "reasons": "Short sentences that explain the severity.",
    "cloud": "aws or azure.",
    "account": "The AWS account or the Azure subscription.",
    "region": "The region; null if the event names none.",
    "registry": "The registry's host name.",
    "repository": "The repository; null if the event names none, or several.",
    "resource": "The ARN or the Azure resource id; null if the event has none.",
    "actor": "Who acted, as far as the event says.",
    "time": "When it happened; for counted rules, when the threshold was reached. RFC 3339, UTC.",
    "mitre": "Tactics and techniques of MITRE ATT&CK v18.",
    "events": "The provider's event ids, at most 20.",
    "count": "What was counted; null for rules that do not count.",
    "threshold": "The threshold that was reached; null for rules that do not count.",
    "window_seconds": "The length of the window; null for rules that do not count.",
    "impact": "What it may mean.",
    "mitigation": "What to do.",
    "silence": "The setting that would have silenced exactly this alert, as NAME=value.",
    "references": "Pages to read more.",
    "follows": "The id of the alert that this follow-up belongs to; null if it is no follow-up.",
    "incident": "The state that the alert opens or resolves; null if it does neither.",
}
_ABOUT_ACTOR = {
    "id": "Stable: the role behind a session, a user, an account or an application.",
    "name": "A name for people; the caller may have chosen a part of it.",
    "type": "The kind of identity, as the cloud names it.",
    "ip": "The IP address, or the name of a service.",
    "user_agent": "The client, as it names itself.",
}
_ABOUT_INCIDENT = {
    "id": "The id of the alert that opened it; both alerts have it.",
    "state": "open, or resolved if this alert says that the state is over.",
    "severity": "The severity of the alert that opened it.",
}
_ABOUT_MITRE = {"tactic": "Such as TA0009.", "technique": "Such as T1530 or T1562.008."}


def document() -> str:
    """The schema, as the text of its file."""
    (reference,), definitions = msgspec.json.schema_components(
        (Alert,), ref_template="#/$defs/{name}"
    )
    abouts = {
        "Alert": _ABOUT,
        "Actor": _ABOUT_ACTOR,
        "Incident": _ABOUT_INCIDENT,
        "Mitre": _ABOUT_MITRE,
    }
    for name, about in abouts.items():
        described = definitions[name]
        described["description"] = described.get("description", "").partition("\n\n")[0]
        for field, known in described["properties"].items():
            described["properties"][field] = {"description": about[field], **known}
    alert = definitions.pop("Alert")
    # Decoding also accepts alerts of the first edition; a written alert always has every field
    alert["required"] = list(alert["properties"])
    alert["properties"]["time"]["format"] = "date-time"
    alert["properties"]["events"]["maxItems"] = 20
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An alert of registrywatch",
        **alert,
        "$defs": definitions,
    }
    assert reference == {"$ref": "#/$defs/Alert"}
    return json.dumps(schema, indent=2) + "\n"
