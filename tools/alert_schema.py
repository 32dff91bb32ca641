"""The alert's JSON Schema, written from the struct: docs/alert.schema.json."""

import json
from typing import Any

import msgspec

from registrywatch.alerts import Alert

_ABOUT = {
    "schema": "The version of this form. Fields may be added to a version, and none taken away.",
    "id": "Stable: from the rule and the provider's event id; for counted rules from rule, group "
    "and the time of the crossing. The same alert has it in every delivery.",
    "rule": "The rule's name, as `registrywatch rules` lists it.",
    "title": "The rule's title.",
    "summary": "The worst of what happened in one sentence, with who and where.",
    "severity": "informational, low, medium, high or critical.",
    "reasons": "Short sentences that say why it has that severity.",
    "cloud": "aws or azure.",
    "account": "The AWS account or the Azure subscription.",
    "region": "The region; null where the event names none.",
    "registry": "The registry's host name.",
    "repository": "The repository; null where several are meant.",
    "resource": "The ARN or the Azure resource id, where the event tells it.",
    "actor": "Who acted, as far as the source tells.",
    "time": "When it happened; of counted rules when the threshold was reached. RFC 3339, UTC.",
    "mitre": "Tactics and techniques of MITRE ATT&CK v18.",
    "events": "The provider's event ids, at most 20.",
    "count": "What was counted; null for rules that do not count.",
    "threshold": "The threshold that was reached; null likewise.",
    "window_seconds": "The length of the window; null likewise.",
    "impact": "What it may mean.",
    "mitigation": "What to do.",
    "silence": "The setting that would have silenced exactly this, as NAME=value.",
    "references": "Where to read more.",
    "follows": "The id of the alert that this follow-up belongs to; null for all others.",
    "incident": "The state that it is about, if a later alert says when that is over; else null.",
}
_ABOUT_ACTOR = {
    "id": "Stable: the role behind a session, a user, an account or an application.",
    "name": "For people; may hold text of the caller's choosing.",
    "type": "What kind of identity it is, in the cloud's own word.",
    "ip": "The address, or the name of a service.",
    "user_agent": "The client, as it calls itself.",
}
_ABOUT_INCIDENT = {
    "id": "The id of the alert that opened it; both alerts have it.",
    "state": "open, or resolved: this alert says that it is over.",
    "severity": "The severity with which it was opened.",
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
    # The form of the first edition decodes as well; what is written always has every field
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
