"""A registry whose events stop is reported once, and so is the end of it."""

from collections.abc import Mapping

import msgspec
import pytest

from registrywatch.alerts import Alert
from registrywatch.checks.arrival_rows import KNOWN_HOURS, MOST_REGISTRIES
from registrywatch.checks.arrivals import Arrivals, registry_of
from registrywatch.checks.silence import HOUR
from registrywatch.errors import StoreError
from registrywatch.events import CheckChanged, RegistryEvent
from registrywatch.rows import MemoryRows, Row, Value
from registrywatch.severity import Severity
from tests.azure.given import events
from tests.builders import blinding
from tests.builders import cloudtrail as ct
from tests.builders.azure import deleted, hub, logged, pushed, registry_id, resource_changed
from tests.builders.clock import T0
from tests.builders.detecting import alerts, detector, events_of

OWN = "111122223333 eu-west-1"
[PULL] = events_of([ct.pull("v1")])
ELSEWHERE = msgspec.structs.replace(PULL, region="us-east-1")
OTHER = "111122223333 us-east-1"


class CountingRows(MemoryRows):
    """Rows that count calls, and can be made to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.writes = 0
        self.fails = False

    def get(self, name: str) -> Row | None:
        if self.fails:
            raise StoreError("the table does not answer")
        self.reads += 1
        return super().get(name)

    def _write(self, name: str, values: Mapping[str, Value], until: float | None) -> str:
        self.writes += 1
        return super()._write(name, values, until)


class Scene:
    """Doors and checks over the same rows; `reported` is what the checks reported."""

    def __init__(self, only: frozenset[str] | None = None) -> None:
        self.rows = CountingRows()
        self.only = only
        self.now = T0
        self.reported: list[RegistryEvent] = []
        self.fails = False
        self.door = self.another_process()

    def another_process(self) -> Arrivals:
        return Arrivals(self.rows, lambda: self.now, self.only)

    def arrive(self, *found: RegistryEvent, hours: float = 0) -> None:
        """Time passes, then events arrive."""
        self.now += hours * HOUR
        self.door.note(found)

    def a_usual_week(self, *found: RegistryEvent, gap: int = 6) -> None:
        for _ in range(KNOWN_HOURS // gap + 2):
            self.arrive(*(found or (PULL,)), hours=gap)

    def check(self, *, after: float = 0, all_silent: bool = False) -> list[str]:
        """What one more check reports, in a process of its own."""
        self.now += after * HOUR
        known = len(self.reported)
        self.another_process().report(self._raise_alert, all_silent=all_silent)
        return [_said(event) for event in self.reported[known:]]

    def _raise_alert(self, event: RegistryEvent) -> None:
        if self.fails:
            raise StoreError("the alert queue does not answer")
        self.reported.append(event)


def _said(event: RegistryEvent) -> str:
    assert isinstance(event.what, CheckChanged)
    assert event.what.minor
    return f"{event.what.item} {'arriving' if event.what.recovered else 'silent'}"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_registry_that_falls_silent_is_reported_once(scene: Scene) -> None:
    scene.a_usual_week()
    assert scene.check(after=24) == []
    assert scene.check(after=2) == [f"arrivals {OWN} silent"]
    assert scene.check() == scene.check(after=100) == []


def test_what_arrives_again_is_reported_once(scene: Scene) -> None:
    scene.a_usual_week()
    scene.check(after=26)
    scene.arrive(PULL, hours=1)
    assert scene.check() == [f"arrivals {OWN} arriving"]
    assert scene.check() == []


def test_the_end_names_its_beginning_and_the_next_silence_is_another(scene: Scene) -> None:
    scene.a_usual_week()
    scene.check(after=26)
    scene.arrive(PULL, hours=1)
    scene.check()
    scene.check(after=80)
    first, end, second = scene.reported
    assert isinstance(end.what, CheckChanged)
    assert end.what.began == first.key
    assert len({each.key for each in scene.reported}) == 3
    assert second.what != first.what


def test_registries_are_apart_and_the_others_do_not_hide_it(scene: Scene) -> None:
    scene.a_usual_week(PULL, ELSEWHERE)
    for _ in range(5):
        scene.arrive(PULL, hours=6)
    assert scene.check() == [f"arrivals {OTHER} silent"]
    assert (scene.reported[0].account, scene.reported[0].region) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(("gap", "silent_after"), [(6, 26), (12, 26), (24, 50), (64, 130)])
def test_silence_is_more_than_twice_the_longest_gap_and_a_day(
    scene: Scene, gap: int, silent_after: int
) -> None:
    scene.a_usual_week(gap=gap)
    assert scene.check(after=silent_after - 1) == []
    assert scene.check(after=1) == [f"arrivals {OWN} silent"]


def test_a_registry_that_is_known_for_less_than_a_week_is_not_reported(scene: Scene) -> None:
    for _ in range(6):
        scene.arrive(PULL, hours=24)
    assert scene.check(after=500) == []


def test_what_is_older_than_four_weeks_does_not_count(scene: Scene) -> None:
    scene.a_usual_week(gap=100)
    for _ in range(4):
        scene.a_usual_week(gap=6)
    assert scene.check(after=26) == [f"arrivals {OWN} silent"]


def test_while_nothing_arrives_at_all_no_registry_is_reported(scene: Scene) -> None:
    scene.a_usual_week(PULL, ELSEWHERE)
    assert scene.check(after=26, all_silent=True) == []
    scene.arrive(PULL)
    assert scene.check() == [f"arrivals {OTHER} silent"]


def test_traffic_costs_one_write_an_hour_and_a_read_a_process(scene: Scene) -> None:
    scene.arrive(PULL)
    scene.rows.reads = scene.rows.writes = 0
    workers = [scene.another_process() for _ in range(5)]
    scene.now += HOUR
    for worker in workers:
        for _ in range(100):
            worker.note([PULL] * 50)
    assert (scene.rows.reads, scene.rows.writes) == (5, 1)


def test_hours_of_several_workers_are_all_noted(scene: Scene) -> None:
    one, other = scene.another_process(), scene.another_process()
    for at in range(8):
        scene.now += HOUR
        (one, other)[at % 2].note([PULL])
    [row] = [row for name, row in scene.rows.rows.items() if name == OWN]
    assert row.values["seen"] == "ff"


def test_a_row_is_small_however_long_it_lasts(scene: Scene) -> None:
    for _ in range(40 * 24):
        scene.arrive(PULL, hours=1)
    assert len(str(scene.rows.rows[OWN].values["seen"])) == 28 * 24 / 4


def test_there_are_only_so_many_registries(scene: Scene) -> None:
    many = [msgspec.structs.replace(PULL, region=f"r{n}") for n in range(MOST_REGISTRIES + 5)]
    scene.arrive(*many)
    assert len([*scene.door.items()]) == MOST_REGISTRIES


def test_a_registry_whose_row_expired_makes_room(scene: Scene) -> None:
    scene.arrive(PULL)
    scene.rows.sweep(scene.now + 100 * 86_400)
    scene.check()
    assert [*scene.door.items()] == []


def test_a_report_that_failed_is_made_by_the_next_check(scene: Scene) -> None:
    scene.a_usual_week()
    scene.fails = True
    with pytest.raises(StoreError):
        scene.check(after=26)
    scene.fails = False
    assert scene.check() == [f"arrivals {OWN} silent"]


def test_a_crash_between_report_and_note_repeats_the_key(scene: Scene) -> None:
    scene.a_usual_week()
    before = dict(scene.rows.rows)
    scene.check(after=26)
    scene.rows.rows = before
    scene.check(after=1)
    assert scene.reported[0].key == scene.reported[1].key


def test_an_hour_that_could_not_be_noted_is_noted_by_the_next_event(scene: Scene) -> None:
    scene.rows.fails = True
    with pytest.raises(StoreError):
        scene.arrive(PULL)
    [item] = scene.door.items()
    assert item.standing == "unknown"
    scene.rows.fails = False
    scene.arrive(PULL)
    assert [item.name for item in scene.door.items()] == [f"arrivals {OWN}"]


def test_the_alert_is_medium_and_the_recovery_ends_it(scene: Scene) -> None:
    scene.a_usual_week()
    scene.check(after=26)
    scene.arrive(PULL, hours=1)
    scene.check()
    raised: list[Alert] = []
    found = detector(raised.append)
    assert not found.detect(scene.reported).failed
    opened, ended = raised
    assert [each.severity for each in (opened, ended)] == [Severity.MEDIUM, Severity.LOW]
    assert ended.incident is not None
    assert ended.incident.id == opened.id


def test_which_registry_an_event_shows_to_report() -> None:
    [foreign] = events_of([ct.pull("v1") | {"recipientAccountId": "999988887777"}])
    assert registry_of(PULL) == OWN
    assert registry_of(foreign) is None, "their trail does not bring our registry's events"
    for call in blinding.ways().values():
        for event in events_of([call]):
            assert registry_of(event) is None, "a change of ourselves shows nothing of a registry"


def test_on_azure_it_is_what_the_registry_itself_reports() -> None:
    own = registry_id().lower()
    for document in (pushed(), deleted(), hub(logged())):
        assert [registry_of(event) for event in events(document)] == [own]
    written = resource_changed("Microsoft.ContainerRegistry/registries/write", registry_id())
    assert [registry_of(event) for event in events(written)] == [None]


def test_on_azure_only_watched_registries_are_noted_and_the_alert_names_the_registry() -> None:
    scene = Scene(frozenset({registry_id().lower()}))
    scene.a_usual_week(*events(pushed()), *events(pushed(registry="another")))
    assert scene.check(after=26) == ["arrivals example silent"]
    raised: list[Alert] = []
    detector(raised.append).detect(scene.reported)
    [alert] = raised
    assert alert.registry == "example.azurecr.io"
    assert alert.rule == "acr-monitoring-removed"
    assert alerts() == []
