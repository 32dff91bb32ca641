"""`--html FILE`: a page instead of a list; the list after all where it can't be written."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from registrywatch.alerts import Alert
from registrywatch.alerts.text import visible
from registrywatch.cli.output import Filtered, ReadableList
from registrywatch.errors import reason_of
from registrywatch.events import RegistryEvent
from registrywatch.report.actors import Activities
from registrywatch.report.alerts_page import Collected, Run, alerts_page
from registrywatch.report.page import write_page


def page_path(text: str, parser: argparse.ArgumentParser) -> Path:
    """Where the page goes. Ends with a usage error where it is no name of a file."""
    path = Path(text)
    if text in ("", "-") or path.is_dir():
        parser.error(f"--html {text!a}: name a file to write")
    return path


def written(path: Path, text: str) -> bool:
    """Write the page and say where it is, or why there is none."""
    try:
        write_page(path, text)
    except OSError as error:
        why = visible(f"{path}: {reason_of(error)}")
        print(f"registrywatch: the page can't be written: {why}", file=sys.stderr)
        return False
    print(f"The page is in {visible(str(path))}")
    return True


class HtmlPage(ReadableList):
    """Collects alerts for a page; prints only the summary."""

    live = False

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        super().__init__()
        self._path = path
        self._clock = clock
        self._alerts = Collected()
        self._actors = Activities()

    def events(self, events: Sequence[RegistryEvent]) -> None:
        """See `Output`."""
        self._actors.note(events)

    def alert(self, alert: Alert) -> None:
        """See `Output`."""
        self._count(alert)
        self._alerts.add(alert)

    def summary(self, records: int, problems: int, filtered: Filtered) -> int:
        """Write the page; how many alerts each rule raised is printed too."""
        run = Run(records, problems, self._clock(), filtered.alerts, filtered.filters)
        text = alerts_page(self._alerts, self._actors.by_id, run)
        done = written(self._path, text)
        if not done:
            for alert in self._alerts.in_order():
                self._print(alert)
        super().summary(records, problems, filtered)
        return not done
