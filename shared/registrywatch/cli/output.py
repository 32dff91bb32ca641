"""Where `replay` puts what it finds: JSON lines, or a list for people with a summary."""

import contextlib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from registrywatch.alerts import decode
from registrywatch.alerts.style import LOOKS
from registrywatch.severity import Severity

if TYPE_CHECKING:
    from rich.console import Console

_LONG = 16 << 20  # bytes of input from which on a progress bar is worth its place


type Advance = Callable[[int], None]


class Output(Protocol):
    """Takes alerts as they are raised, and shows them when told to."""

    def alert(self, body: bytes) -> None:
        """An alert was raised."""

    def flush(self) -> None:
        """What was given so far is to be seen now. Raises BrokenPipeError if nobody looks."""

    def progress(self, size: int) -> contextlib.AbstractContextManager[Advance]:
        """Shows how far it is, if `size` bytes take long. Gives what takes the bytes read."""

    def summary(self, records: int, problems: int) -> None:
        """All was read."""


class JsonLines:
    """Alerts alone on stdout, one a line."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def alert(self, body: bytes) -> None:
        """See `Output`."""
        self._waiting.append(body)

    def flush(self) -> None:
        """See `Output`."""
        if self._waiting:
            rest = memoryview(b"\n".join((*self._waiting, b"")))
            while rest:  # with PYTHONUNBUFFERED set, one write may take a part only
                rest = rest[sys.stdout.buffer.write(rest) :]
            sys.stdout.buffer.flush()
            self._waiting.clear()

    def progress(self, size: int) -> contextlib.AbstractContextManager[Advance]:
        """See `Output`. On stderr; not where the alerts go to the same terminal."""
        return _bar(size, None if sys.stdout.isatty() else _errors_screen())

    def summary(self, records: int, problems: int) -> None:
        """Nothing: stdout is for alerts."""


class People:
    """A readable list on stdout, in colour if that is a terminal."""

    def __init__(self) -> None:
        self._console = console()
        self._counts: Counter[tuple[str, Severity]] = Counter()
        self._waiting: list[bytes] = []

    def alert(self, body: bytes) -> None:
        """See `Output`."""
        self._waiting.append(body)

    def flush(self) -> None:
        """See `Output`."""
        from registrywatch.alerts.terminal import Shown

        # Those that were raised at once, in order of time: counts come out last.
        for alert in sorted(map(decode, self._waiting), key=lambda alert: alert.time):
            self._counts[alert.rule, alert.severity] += 1
            self._console.print(Shown(alert))
        self._waiting.clear()
        sys.stdout.flush()

    def progress(self, size: int) -> contextlib.AbstractContextManager[Advance]:
        """See `Output`. Below the list if that is on a terminal, else on stderr."""
        return _bar(size, self._console if self._console.is_terminal else _errors_screen())

    def summary(self, records: int, problems: int) -> None:
        """How many alerts each rule raised, by severity."""
        from rich.table import Table
        from rich.text import Text

        alerts = self._counts.total()
        by_rule: dict[str, dict[Severity, int]] = defaultdict(dict)
        for (rule, severity), number in self._counts.items():
            by_rule[rule][severity] = number
        if by_rule:
            table = Table("rule", "alerts", "by severity", box=None, header_style="dim")
            for rule, numbers in sorted(by_rule.items(), key=_worst_first):
                words = [
                    Text(f"{numbers[severity]} {severity.value}", LOOKS[severity].colour)
                    for severity in sorted(numbers, reverse=True)
                ]
                table.add_row(rule, str(sum(numbers.values())), Text(", ").join(words))
            self._console.print(table)
        trouble = f", {_number(problems, 'problem')} (see above)" if problems else ""
        told = f"{_number(alerts, 'alert')} from {_number(records, 'event')}{trouble}."
        self._console.print(Text(told, "bold"))


def console() -> "Console":
    """Stdout for people: as wide as the terminal, and wide enough where there is none."""
    from rich.console import Console

    made = Console(highlight=False)
    if not made.is_terminal:
        made.width = 120
    return made


@contextlib.contextmanager
def _bar(size: int, screen: "Console | None") -> Iterator[Advance]:
    """A progress bar, if the input is long and there is a screen to draw it on."""
    if size < _LONG or screen is None:
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(bar_width=None), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("reading", total=size)
        yield lambda done: bar.update(task, completed=done)


def _errors_screen() -> "Console | None":
    """Stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console

    return Console(stderr=True)


def _worst_first(entry: tuple[str, dict[Severity, int]]) -> tuple[int, str]:
    rule, numbers = entry
    return -max(severity.rank for severity in numbers), rule


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
