"""An alert as a person reads it in a terminal: severity in colour, what, who, where, why.

Rich's `Text` takes markup as plain characters, and what can't be seen is made visible: nothing that
an event says is drawn as anything but text.
"""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.style import LOOKS
from registrywatch.alerts.text import shown
from registrywatch.times import clock

_LONGEST = 400  # characters of one value; all of it is in `--json`


class Shown:
    """Renders one alert on a rich console."""

    def __init__(self, alert: Alert) -> None:
        self._alert = alert

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        alert, look = self._alert, LOOKS[self._alert.severity]
        yield Text.assemble(
            (f" {look.word.upper()} ", f"bold white on {look.colour}"),
            (f" {alert.title}", "bold"),
            (f"  {shown(clock(alert.time), _LONGEST)}", "dim"),
        )
        rows = Table.grid(padding=(0, 2, 0, 0))
        rows.add_column(style="dim", no_wrap=True)
        rows.add_column(overflow="fold")
        for label, value in _rows(alert):
            rows.add_row(Text(label), Text(shown(value, _LONGEST)))
        summary = Text(shown(alert.summary, _LONGEST), overflow="fold")
        yield Padding(summary, (0, 0, 0, 2), expand=False)
        yield Padding(rows, (0, 0, 1, 2), expand=False)


def _rows(alert: Alert) -> Iterator[tuple[str, str]]:
    """Label and value; a label stands once, beside the first of its values."""
    for number, reason in enumerate(alert.reasons):
        yield "" if number else "why", reason
    actor = alert.actor
    if who := actor.id or actor.name:
        yield "who", f"{who} from {actor.ip}" if actor.ip else who
    if alert.registry:
        whole = f"{alert.registry}/{alert.repository}" if alert.repository else alert.registry
        yield "where", whole
    yield "rule", alert.rule
    if alert.events:
        more = f" and {len(alert.events) - 1} more" if len(alert.events) > 1 else ""
        yield "event", f"{alert.events[0]}{more}"
