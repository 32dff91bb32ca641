"""Where `replay` puts what it finds: JSON lines, or a list for people with a summary."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import msgspec

from registrywatch.alerts import Alert, encode
from registrywatch.alerts.text import shown
from registrywatch.cli.alert_lines import LONGEST, alert_lines, count_lines
from registrywatch.cli.screen import screen_of, wrapped
from registrywatch.events import RegistryEvent
from registrywatch.rules.wording import number_of
from registrywatch.severity import Severity


class Filtered(msgspec.Struct, frozen=True):
    """How many alerts did not pass the filters, and the filters in words."""

    alerts: int = 0
    filters: str = ""


class Output(Protocol):
    """Takes the alerts to show, in order. `live`: it can show them one by one."""

    live: bool

    def events(self, events: Sequence[RegistryEvent]) -> None:
        """These events were read."""

    def alert(self, alert: Alert) -> None:
        """Show an alert."""

    def flush(self) -> None:
        """Show what was given so far."""

    def summary(self, records: int, problems: int, filtered: Filtered) -> int:
        """All was read. Returns how many problems there were in showing it."""


class JsonLines:
    """Alerts alone on stdout, one a line."""

    live = True

    def events(self, events: Sequence[RegistryEvent]) -> None:
        """See `Output`."""

    def alert(self, alert: Alert) -> None:
        """See `Output`."""
        print(encode(alert).decode())

    def flush(self) -> None:
        """See `Output`."""
        sys.stdout.flush()

    def summary(self, records: int, problems: int, filtered: Filtered) -> int:  # noqa: ARG002
        """Nothing: stdout is for alerts."""
        return 0


class ReadableList:
    """A readable list on stdout, in colour if that is a terminal."""

    live = True

    def __init__(self) -> None:
        self._screen = screen_of(sys.stdout)
        self._counts: Counter[tuple[str, Severity]] = Counter()

    def alert(self, alert: Alert) -> None:
        """See `Output`."""
        self._count(alert)
        self._print(alert)

    def events(self, events: Sequence[RegistryEvent]) -> None:
        """See `Output`."""

    def flush(self) -> None:
        """See `Output`."""
        sys.stdout.flush()

    def _print(self, alert: Alert) -> None:
        print(*alert_lines(alert, self._screen), sep="\n")

    def _count(self, alert: Alert) -> None:
        self._counts[alert.rule, alert.severity] += 1

    def summary(self, records: int, problems: int, filtered: Filtered) -> int:
        """How many alerts each rule raised, by severity."""
        lines = [*count_lines(self._counts, self._screen)]
        if lines:
            print(*lines, sep="\n")
        more = f", {number_of(problems, 'problem')} (see above)" if problems else ""
        alerts = number_of(self._counts.total(), "alert")
        total = f"{alerts} from {number_of(records, 'event')}{more}."
        print(self._screen.bold(total))
        if filtered.alerts:
            others = number_of(filtered.alerts, "more alert")
            does = "does" if filtered.alerts == 1 else "do"
            text = f"{others} {does} not pass the filters ({shown(filtered.filters, LONGEST)})."
            print(*wrapped(text, self._screen.width), sep="\n")
        return 0
