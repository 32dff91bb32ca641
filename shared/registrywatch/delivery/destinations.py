"""Where alerts go."""

from typing import Any, Literal

import msgspec

from registrywatch.severity import Severity

Kind = Literal["slack", "pagerduty", "teams", "webhook"]


class Secret(msgspec.Struct, frozen=True):
    """A secret as it was set: the value itself, `ssm:NAME` or `secretsmanager:NAME`.

    It shows itself to nobody: neither `repr` nor an f-string has it.
    """

    reference: str

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("reference", "…")]


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """One place that receives alerts, one of each kind at most.

    `endpoint` is the address to POST to, itself a secret at Slack and Teams. `key` is PagerDuty's
    routing key, or the key that signs a webhook's body. With `fold_seconds` 0 nothing is folded.
    """

    kind: Kind
    endpoint: Secret
    key: Secret | None = None
    min_severity: Severity = Severity.LOW
    fold_seconds: int = 900
    format: Literal["alert", "ocsf"] = "alert"

    @property
    def name(self) -> str:
        return self.kind
