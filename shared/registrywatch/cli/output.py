"""Where `replay` puts what it finds: JSON lines, or a list for people with a summary."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from registrywatch.alerts import Alert, encode
from registrywatch.cli.plain import alert_lines, count_lines, number_of
from registrywatch.cli.screen import screen_of
from registrywatch.severity import Severity

if TYPE_CHECKING:
    from rich.console import Console


class Output(Protocol):
    """Takes the alerts that are to be shown, in order."""

    def alert(self, alert: Alert) -> None:
        """Shows an alert."""

    def flush(self) -> None:
        """What was given so far is to be seen now."""

    def summary(self, records: int, problems: int) -> None:
        """All was read."""


class JsonLines:
    """Alerts alone on stdout, one a line."""

    def alert(self, alert: Alert) -> None:
        """See `Output`."""
        print(encode(alert).decode())

    def flush(self) -> None:
        """See `Output`."""
        sys.stdout.flush()

    def summary(self, records: int, problems: int) -> None:
        """Nothing: stdout is for alerts."""


class People:
    """A readable list on stdout, in colour if that is a terminal."""

    def __init__(self) -> None:
        self._screen = screen_of(sys.stdout)
        self._counts: Counter[tuple[str, Severity]] = Counter()

    def alert(self, alert: Alert) -> None:
        """See `Output`."""
        self._counts[alert.rule, alert.severity] += 1
        print(*alert_lines(alert, self._screen), sep="\n")

    def flush(self) -> None:
        """See `Output`."""
        sys.stdout.flush()

    def summary(self, records: int, problems: int) -> None:
        """How many alerts each rule raised, by severity."""
        lines = [*count_lines(self._counts, self._screen)]
        if lines:
            print(*lines, sep="\n")
        trouble = f", {number_of(problems, 'problem')} (see above)" if problems else ""
        alerts = number_of(self._counts.total(), "alert")
        said = f"{alerts} from {number_of(records, 'event')}{trouble}."
        print(self._screen.bold(said))


def console() -> "Console":
    """Stdout for people: as wide as the terminal, and wide enough where there is none."""
    from rich.console import Console

    made = Console(highlight=False)
    if not made.is_terminal:
        made.width = 120
    return made
