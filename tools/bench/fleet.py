"""A normal fleet must raise few alerts on default settings; six attacks in it must raise alerts.

Thirty days of a model fleet (`_fleet.py`), then the attacks in the same traffic. Prints the alerts
of each day by severity, and after how many images each attack raised its first alert of medium
severity or higher. The figures depend on the seed alone, not on the machine.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from registrywatch import settings
from registrywatch.alerts import Alert
from registrywatch.cli.local import local_detector
from registrywatch.severity import Severity
from registrywatch.sources import read
from tools.bench._fleet import DAY, START, Attack, Fleet, Size, attacks

DAYS = 30
MOST_LOW = 5
_BATCH = 500


class Run:
    """The detector over the fleet's traffic; settings are defaults, except `variables`."""

    def __init__(self, fleet: Fleet, variables: Mapping[str, str] | None = None) -> None:
        self.fleet = fleet
        self.events = 0
        self._alerts: list[Alert] = []
        self._detector = local_detector(settings.parse(variables or {}), self._alerts.append)

    def day(self, number: int) -> list[Alert]:
        """The alerts of a day."""
        found: list[Alert] = []
        for batch in _batches(self.fleet.day(number)):
            found += self.batch(batch)
        return found

    def batch(self, records: list[dict[str, Any]]) -> list[Alert]:
        """The alerts of a few records."""
        self._alerts.clear()
        events = [event for each in records for event in read(json.dumps(each).encode()).events]
        outcome = self._detector.detect(events)
        if outcome.failed or outcome.too_old:
            raise SystemExit(f"events failed: {outcome}")
        self.events += len(events)
        return [*self._alerts]

    def seen_after(self, attack: Attack) -> tuple[int, Alert] | None:
        """The first alert of medium or higher, and how many images were lost or copied by then."""
        for _, record, images in attack.records:
            for alert in self.batch([record]):
                if alert.severity >= Severity.MEDIUM:
                    return images, alert
        return None


def _batches(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for record in records:
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def worst_days(days: list[list[Alert]]) -> tuple[Severity, int]:
    """The worst severity of these days, and the most alerts of low severity on one day."""
    worst = max((alert.severity for day in days for alert in day), default=Severity.INFORMATIONAL)
    low = [sum(alert.severity is Severity.LOW for alert in day) for day in days]
    return worst, max(low)


def main() -> None:
    run = Run(Fleet(Size()))
    days = []
    for number in range(DAYS):
        found = run.day(number)
        days.append(found)
        counts = Counter(alert.severity for alert in found)
        shown = ", ".join(f"{counts[each]} {each.value}" for each in sorted(counts, reverse=True))
        notable = Counter(alert.rule for alert in found if alert.severity > Severity.INFORMATIONAL)
        rules = f"  ({', '.join(f'{rule} {n}' for rule, n in notable.items())})" if notable else ""
        print(f"day {number + 1:2}: {shown or 'nothing'}{rules}", flush=True)
    print(f"{run.events:,} events")
    worst, low = worst_days(days[7:])
    verdict = "met" if worst <= Severity.LOW and low <= MOST_LOW else "MISSED"
    print(
        f"after the learning days nothing above low, at most {MOST_LOW} low a day: {verdict} "
        f"(worst {worst.value}, at most {low} low)"
    )
    for attack in attacks(run.fleet, START + DAYS * DAY + 3 * 3600):
        seen = run.seen_after(attack)
        if seen is None:
            print(f"{attack.name}: MISSED")
            continue
        images, alert = seen
        print(f"{attack.name}: after {images} images, {alert.severity.value}: {alert.summary}")


if __name__ == "__main__":
    main()
