"""What fails is told and handed in again; nothing is lost, nothing is raised under another id."""

import random
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch import settings
from registrywatch.alerts import Alert
from registrywatch.detector import Detector, Outcome
from registrywatch.errors import StateUnknown, StoreError
from registrywatch.events import RegistryEvent
from registrywatch.rules import CATALOGUE
from registrywatch.windows.meaning import Window
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.builders.azure import deleted, plan_changed
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json, delete_repository, pull, role, set_mutability
from tests.builders.detecting import detector, events_of

THREE = {"ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "3"}
DAY = 86_400


def pulls(name: str = "Dev", count: int = 3, **more: Any) -> list[Json]:
    start = more.pop("at", T0)
    return [pull(f"v{n}", at=start + n, by=role(name), **more) for n in range(count)]


class Queue:
    """An alert queue that fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.alerts: list[Alert] = []

    def __call__(self, alert: Alert) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreError("the alert queue did not answer")
        self.alerts.append(alert)

    @property
    def ids(self) -> list[str]:
        return [alert.id for alert in self.alerts]

    @property
    def rules(self) -> list[str]:
        return [alert.rule for alert in self.alerts]


class FailingStore(MemoryStore):
    """A store that does not answer for one group, the one that asks first, until it is repaired."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: str | None = None
        self.repaired = False

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        self.broken = self.broken or group
        if group == self.broken and not self.repaired:
            raise StoreError("the table did not answer")
        return super().add(group, window, steps, until)


def places(outcome: Outcome) -> set[int]:
    return set(outcome.failed)


# The store


def test_a_store_that_fails_for_one_group_fails_its_events_alone() -> None:
    queue, store = Queue(), FailingStore()
    watching = detector(queue, THREE, Counter(store, lambda: T0))
    events = events_of([*pulls("A"), delete_repository(), *pulls("B"), set_mutability("MUTABLE")])
    outcome = watching.detect(events)
    assert outcome.failed == dict.fromkeys(range(3), "the table did not answer")
    assert sorted(queue.rules) == [
        "ecr-excessive-image-pull",
        "ecr-forced-repository-deletion",
        "ecr-tag-overwrite-enabled",
    ]
    store.repaired = True
    again = watching.detect([events[place] for place in outcome.failed])
    assert (again.failed, len(queue.ids), len(set(queue.ids))) == ({}, 4, 4)


def test_a_whole_batch_that_is_handed_in_again_raises_only_what_was_missing() -> None:
    queue, store = Queue(), FailingStore()
    watching = detector(queue, THREE, Counter(store, lambda: T0))
    events = events_of([*pulls("A"), delete_repository(), *pulls("B")])
    watching.detect(events)
    store.repaired = True
    watching.detect(events)
    assert (len(queue.ids), len(set(queue.ids))) == (3, 3)


# The queue


def until_done(watching: Detector, events: list[RegistryEvent]) -> int:
    """Hand the events in until none fails. Returns how often that was."""
    for attempt in range(1, 50):
        outcome = watching.detect(events)
        assert not outcome.too_old
        if not outcome.failed:
            return attempt
        events = [events[place] for place in sorted(outcome.failed)]
    pytest.fail("it never ended")


def test_an_alert_that_cannot_be_handed_over_fails_its_event_and_is_raised_next_time() -> None:
    queue = Queue(failures=1)
    watching = detector(queue)
    events = events_of([delete_repository("one"), delete_repository("two")])
    outcome = watching.detect(events)
    assert outcome.failed == {0: "the alert queue did not answer"}
    assert len(queue.ids) == 1
    assert watching.detect([events[0]]).failed == {}
    assert len(set(queue.ids)) == 2


def test_a_counted_alert_that_cannot_be_handed_over_is_raised_next_time() -> None:
    queue = Queue(failures=1)
    watching = detector(queue, THREE)
    events = events_of(pulls(count=5))
    assert places(watching.detect(events)) == set(range(5))
    assert queue.ids == []
    assert watching.detect(events).failed == {}
    assert len(queue.ids) == 1


def test_whoever_comes_next_hands_over_what_another_left() -> None:
    """The worker who won the alert may be dead: it lies in the store until it was handed over."""
    store, broken, sound = MemoryStore(), Queue(failures=9), Queue()
    first = detector(broken, THREE, Counter(store, lambda: T0))
    second = detector(sound, THREE, Counter(store, lambda: T0))
    burst = events_of(pulls(count=4))
    assert places(first.detect(burst[:3])) == {0, 1, 2}
    assert second.detect(burst[3:]).failed == {}
    assert len(sound.ids) == 1
    broken.failures = 0
    assert first.detect(burst[:3]).failed == {}
    assert broken.ids == [], "it was handed over already"


MIXED = [
    *pulls("A", 4),
    *pulls("B", 3),
    *pulls("C", 2),
    delete_repository(),
    set_mutability("MUTABLE"),
    deleted("a", request="r-1"),
    deleted("b", request="r-1", at=T0 + 1),
    plan_changed(),
]


@given(st.integers(0, 12), st.permutations(MIXED), st.integers(1, len(MIXED)))
def test_however_often_the_queue_fails_each_alert_arrives_once_under_its_id(
    failures: int, order: list[Json], size: int
) -> None:
    sound, failing = Queue(), Queue(failures)
    for queue in (sound, failing):
        watching = detector(queue, THREE)
        for start in range(0, len(order), size):
            until_done(watching, events_of(order[start : start + size]))
    assert sorted(failing.ids) == sorted(sound.ids)
    assert len(set(sound.ids)) == len(sound.ids)


# What cannot be judged now


def test_a_state_that_is_unknown_fails_its_event_alone() -> None:
    queue = Queue()

    def ask(event: RegistryEvent) -> RegistryEvent:
        if event.cloud == "aws":
            return event
        raise StateUnknown("Azure Resource Manager answered 503")

    tuned = settings.parse({})
    counter = Counter(MemoryStore(), lambda: T0)
    watching = Detector(CATALOGUE, tuned.tunings, tuned.trust, counter, queue, completed=ask)
    outcome = watching.detect(events_of([plan_changed(), delete_repository()]))
    assert outcome.failed == {0: "Azure Resource Manager answered 503"}
    assert queue.rules == ["ecr-forced-repository-deletion"]


def test_any_error_is_the_events_own_and_says_what_it_was() -> None:
    def fail(alert: Alert) -> None:
        raise ValueError("unexpected")

    outcome = detector(fail).detect(events_of([delete_repository()]))
    assert outcome.failed == {0: "ValueError: unexpected"}


# What is too old


def test_events_older_than_what_is_remembered_are_named_and_not_counted() -> None:
    queue = Queue()
    now = T0 + 10 * DAY
    counter = Counter(MemoryStore(), lambda: now, retention_seconds=DAY)
    watching = detector(queue, THREE, counter)
    old, recent = pulls("Old"), pulls("Recent", at=now - 3600)
    mixed = [each for pair in zip(old, recent, strict=True) for each in pair]
    outcome = watching.detect(events_of([*mixed, delete_repository()]))
    assert (outcome.too_old, outcome.failed) == ([0, 2, 4], {})
    assert queue.rules == ["ecr-forced-repository-deletion", "ecr-excessive-image-pull"]


def test_of_one_group_only_the_events_that_are_too_old_are_named() -> None:
    queue = Queue()
    counter = Counter(MemoryStore(), lambda: T0 + DAY, retention_seconds=3600)
    batch = [*pulls(count=2), *pulls(count=2, at=T0 + DAY - 60)]
    random.Random(1).shuffle(batch)
    events = events_of(batch)
    outcome = detector(queue, THREE, counter).detect(events)
    assert sorted(outcome.too_old) == [n for n, event in enumerate(events) if event.time < T0 + 9]
    assert queue.ids == []
