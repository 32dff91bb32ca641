"""What a destination is: everything about one kind, in one value.

A kind declares its settings, its defaults and how an alert becomes a request. Settings, the command
line, the documentation and the tests derive the rest from `DESTINATIONS`. A `Destination` is a kind
with the user's values.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from registrywatch import __version__
from registrywatch.events import Cloud
from registrywatch.globs import Globs
from registrywatch.severity import Severity

if TYPE_CHECKING:  # the settings need no alerts
    from registrywatch.alerts.alert import Alert

JSON_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": f"registrywatch/{__version__}",
}

RUNBOOK = "RUNBOOK_URL"  # an option of every destination, if the user has set a runbook

Verdict = Literal["delivered", "try_again", "refused"]


class SecretRef(msgspec.Struct, frozen=True):
    """A secret as it was set: the value itself, `ssm:NAME` or `secretsmanager:NAME`.

    It is never shown: neither `repr` nor an f-string contains it.
    """

    reference: str

    def __repr__(self) -> str:
        return "SecretRef(…)"

    __str__ = __repr__

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("reference", "…")]


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of a destination, the variable REGISTRYWATCH_<KIND>_<suffix>.

    `default` is text as a user would set it, None if there is none. A destination needs its
    `required` options; the first option of a kind is always required.
    """

    suffix: str
    meaning: str
    read: Callable[[str], object]
    default: str | None = None
    secret: bool = False
    required: bool = False


class Request(msgspec.Struct, frozen=True):
    """A POST. Never shown: the address, a header or the body may be or hold a secret.

    `secrets` are the secrets in it, which are removed from a server's answer. `objection` finds a
    failure in the body of a 2xx answer. `token_scope` is the scope for which it needs a token of
    Microsoft Entra.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    objection: Callable[[bytes], Verdict | None] | None = None
    token_scope: str | None = None

    def __repr__(self) -> str:
        return f"Request({len(self.body)} bytes)"


class Answer(msgspec.Struct, frozen=True):
    """The result of a request. `after` is the wait in seconds that the destination asked for."""

    verdict: Verdict
    reason: str
    status: int | None = None
    after: float | None = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """An alert on its way to one destination.

    `given` holds the destination's options by suffix, with secrets resolved; options that are not
    set are missing. `incident` is the key under which a receiver keeps alerts together, by default
    that of the alert's own incident. `now` and `raised`, when the alert was raised (None: now), are
    in seconds since the epoch.
    """

    alert: "Alert"
    given: Mapping[str, str]
    now: float
    raised: float | None = None
    incident: str | None = None

    @property
    def runbook(self) -> str:
        """The address of the user's runbook, "" if there is none."""
        return self.given.get(RUNBOOK, "")


class DestinationKind(msgspec.Struct, frozen=True, kw_only=True):
    """Slack, PagerDuty and so on.

    - `options`: a destination of the kind exists where the first of them is set.
    - `forms`: what `show-alert --as` prints, by name; the first is the kind's own.
    - `objection`: the verdict on the body of a 2xx answer that reports a failure, None if it
      reports none.
    - `for_machines`: whether the options describe a reader that needs each alert alone; such a
      destination folds only if a setting says so.
    - `rate`: how many requests a second the receiver accepts permanently, None if it is not known.
    - `resolves`: whether a request can close an incident.
    - `clouds`: where it can be reached from.
    """

    name: str
    label: str
    options: tuple[Option, ...]
    forms: "Mapping[str, Callable[[Alert], bytes]]"
    request: Callable[[Outgoing], Request]
    min_severity: Severity = Severity.LOW
    objection: Callable[[bytes], Verdict | None] | None = None
    for_machines: Callable[[Mapping[str, Any]], bool] = lambda _: False
    rate: float | None = None
    resolves: bool = False
    clouds: tuple[Cloud, ...] = ("aws", "azure")

    @property
    def stem(self) -> str:
        """The part of its variables' names after the prefix: GOOGLE_CHAT."""
        return self.name.upper().replace("-", "_")


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """One place that receives alerts.

    `name` is the kind's, or `slack/payments` if there are several. `options` holds the values by
    suffix, secrets as references. With `fold_seconds` 0 nothing is folded. An alert's rule, account
    and repository must each match the globs, if there are any.
    """

    kind: DestinationKind
    name: str
    options: Mapping[str, SecretRef | str]
    min_severity: Severity = Severity.LOW
    fold_seconds: int = 900
    rules: Globs = Globs()
    accounts: Globs = Globs()
    repositories: Globs = Globs()

    def wants(self, alert: "Alert") -> bool:
        """Whether the destination gets the alert. A field that the alert lacks excludes nothing.

        The end of an incident goes where its beginning went.
        """
        severity = alert.incident.severity if alert.incident else alert.severity
        return self.min_severity <= severity and all(
            not globs or value is None or value in globs
            for globs, value in (
                (self.rules, alert.rule),
                (self.accounts, alert.account),
                (self.repositories, alert.repository),
            )
        )
