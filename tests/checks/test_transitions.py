"""A change for the worse is reported once, and so is a recovery."""

import pytest

from registrywatch.checks import Item, right, unknown, wrong
from registrywatch.checks.item import with_rights
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.transitions import Transitions
from registrywatch.errors import NotAllowed, StoreError
from registrywatch.events import CheckChanged, RegistryEvent
from registrywatch.rows import MemoryRows

PLACE = CheckedPlace("aws", "111122223333", "eu-west-1")
GOOD = right("trail", "main records all")
BAD = wrong("trail", "no trail is logging", "aws cloudtrail start-logging --name main")
REFUSED = unknown("table", NotAllowed("AccessDenied"))
LOST = unknown("trail", "AccessDenied")


class Scene:
    """Checks by workers that share their rows and nothing else; `told` is what they reported."""

    def __init__(self) -> None:
        self.rows = MemoryRows()
        self.now = 1_785_575_412.0
        self.events: list[RegistryEvent] = []
        self.fails = False

    def check(self, *items: Item, after: float = 900) -> list[str]:
        """What one more check reports."""
        self.now += after
        known = len(self.events)
        Transitions(self.rows, PLACE, self._raise_alert, lambda: self.now).note(items)
        return [self._said(event) for event in self.events[known:]]

    def _raise_alert(self, event: RegistryEvent) -> None:
        if self.fails:
            raise StoreError("the alert queue does not answer")
        self.events.append(event)

    def _said(self, event: RegistryEvent) -> str:
        assert isinstance(event.what, CheckChanged)
        return f"{event.what.item} {'right' if event.what.recovered else 'wrong'}"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_is_right_is_not_reported(scene: Scene) -> None:
    assert scene.check(GOOD) == scene.check(GOOD) == []


def test_a_change_for_the_worse_is_reported_once(scene: Scene) -> None:
    scene.check(GOOD)
    assert scene.check(BAD) == ["trail wrong"]
    assert scene.check(BAD) == []


def test_what_is_wrong_from_the_start_is_reported_too(scene: Scene) -> None:
    assert scene.check(BAD) == ["trail wrong"]


def test_what_is_lost_after_a_minor_fault_is_a_change_for_the_worse(scene: Scene) -> None:
    minor = wrong("trail", "it may soon stop", "look at it", minor=True)
    assert scene.check(minor) == ["trail wrong"]
    assert scene.check(BAD) == ["trail wrong"]
    assert scene.check(minor) == [], "it got better, and is not right yet"
    assert scene.check(BAD) == ["trail wrong"]
    assert scene.check(GOOD) == ["trail right"] * 3


def test_what_can_not_be_read_and_is_then_seen_broken_is_reported_again(scene: Scene) -> None:
    scene.check(LOST)
    assert scene.check(LOST, after=4000) == ["trail wrong"]
    assert scene.check(BAD) == ["trail wrong"]


def test_a_recovery_names_the_report_that_it_ends(scene: Scene) -> None:
    for item in (BAD, GOOD, BAD, GOOD):
        scene.check(item)
    first, first_end, second, second_end = scene.events
    assert isinstance(first_end.what, CheckChanged)
    assert isinstance(second_end.what, CheckChanged)
    assert (first_end.what.began, second_end.what.began) == (first.key, second.key)


def test_recovery_is_reported_once(scene: Scene) -> None:
    scene.check(BAD)
    assert scene.check(GOOD) == ["trail right"]
    assert scene.check(GOOD) == []


def test_the_second_time_is_another_alert(scene: Scene) -> None:
    for item in (BAD, GOOD, BAD, GOOD):
        scene.check(item)
    assert len({event.key for event in scene.events}) == 4


def test_items_are_apart(scene: Scene) -> None:
    table = wrong("table", "gone", "sam deploy")
    assert scene.check(BAD, right("table", "there")) == ["trail wrong"]
    assert scene.check(BAD, table) == ["table wrong"]
    assert scene.check(GOOD, table) == ["trail right"]


def test_a_part_that_is_not_looked_at_stays_as_it_was(scene: Scene) -> None:
    scene.check(BAD)
    assert scene.check() == []
    assert scene.check(BAD) == []


def test_what_can_not_be_read_changes_nothing_for_an_hour(scene: Scene) -> None:
    scene.check(GOOD)
    assert [scene.check(LOST) for _ in range(4)] == [[]] * 4
    assert scene.check(LOST) == ["trail wrong"]
    assert scene.check(LOST) == []
    assert scene.check(GOOD) == ["trail right"]


def test_what_can_be_read_again_begins_a_new_hour(scene: Scene) -> None:
    scene.check(LOST)
    scene.check(GOOD, after=3000)
    assert scene.check(LOST, after=3000) == []


def test_rights_that_were_there_before_are_reported_at_once(scene: Scene) -> None:
    scene.check(*with_rights([GOOD]))
    assert scene.check(*with_rights([REFUSED, GOOD])) == ["rights to read wrong"]
    assert isinstance(scene.events[0].what, CheckChanged)
    assert not scene.events[0].what.minor
    assert "table" in scene.events[0].what.found
    assert scene.check(*with_rights([GOOD])) == ["rights to read right"]


def test_rights_that_were_never_there_get_an_hour_to_take_effect(scene: Scene) -> None:
    assert [scene.check(*with_rights([REFUSED])) for _ in range(4)] == [[]] * 4
    assert scene.check(*with_rights([REFUSED])) == ["rights to read wrong"]


def test_many_parts_that_may_not_be_looked_at_are_one_report(scene: Scene) -> None:
    parts = [right(f"queue {number}", "there") for number in range(30)]
    scene.check(*with_rights(parts))
    refused = [unknown(each.name, NotAllowed("AccessDenied")) for each in parts]
    assert scene.check(*with_rights(refused)) == ["rights to read wrong"]
    assert scene.check(*with_rights(refused), after=9000) == []


def test_what_is_wrong_stays_so_while_it_can_not_be_read(scene: Scene) -> None:
    scene.check(BAD)
    assert scene.check(LOST) == scene.check(LOST, after=9000) == scene.check(BAD) == []


def test_a_report_that_failed_is_made_by_the_next_check(scene: Scene) -> None:
    scene.fails = True
    with pytest.raises(StoreError):
        scene.check(BAD)
    scene.fails = False
    assert scene.check(BAD) == ["trail wrong"]


def test_a_crash_after_the_report_repeats_it_under_the_same_key(scene: Scene) -> None:
    forgetful = MemoryRows()
    scene.check(BAD)
    kept, scene.rows = scene.rows, forgetful
    scene.check(BAD)
    assert kept is not forgetful
    assert scene.events[0].key == scene.events[1].key
