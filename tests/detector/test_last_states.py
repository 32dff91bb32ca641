"""A rule that compares a state with the last one: what the detector remembers for it."""

import msgspec
import pytest

from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.detector.last_states import PLACES
from registrywatch.detector.memory import InMemory, RowMemory
from registrywatch.events import (
    Actor,
    CredentialsIssued,
    RegistryEvent,
    RegistryScanningSet,
    ScanRule,
)
from registrywatch.rows import MemoryRows
from registrywatch.rules import CATALOGUE
from registrywatch.windows import Counter, MemoryStore
from tests.rules.given import TRUST, happened

DAY = 86_400.0
ALL = (ScanRule("SCAN_ON_PUSH", ("*",)),)


def configured(scan_type: str, at: float, registry: str = "one") -> RegistryEvent:
    event = happened(RegistryScanningSet(scan_type, ALL), repository=None)
    return msgspec.structs.replace(
        event, time=at, key=f"{scan_type} {at}", id=f"{scan_type} {at}", registry=registry
    )


def severities(*events: RegistryEvent) -> list[str]:
    raised: list[Alert] = []
    counter = Counter(MemoryStore(), lambda: 0.0)
    detector = Detector(CATALOGUE, {}, TRUST, counter, raised.append, memory=InMemory())
    for event in events:
        assert not detector.detect([event]).failed
    return [alert.severity.value for alert in raised]


def test_a_step_down_from_enhanced_scanning_is_known_from_the_event_before() -> None:
    assert severities(configured("ENHANCED", 1), configured("BASIC", 2)) == ["medium"]
    assert severities(configured("BASIC", 1), configured("BASIC", 2)) == ["informational"] * 2


def test_only_the_last_configuration_matters() -> None:
    events = [configured("ENHANCED", 1), configured("BASIC", 2), configured("BASIC", 3)]
    assert severities(*events) == ["medium", "informational"]


def test_each_registry_has_its_own() -> None:
    assert severities(configured("ENHANCED", 1, "two"), configured("BASIC", 2)) == ["informational"]


def test_an_event_that_arrives_late_is_compared_with_what_was_before_it() -> None:
    late = configured("BASIC", 1)
    assert severities(configured("ENHANCED", 2), late, configured("BASIC", 3)) == [
        "informational",
        "medium",
    ]


def test_an_event_that_arrives_twice_changes_nothing() -> None:
    down = configured("BASIC", 2)
    assert severities(configured("ENHANCED", 1), down, down, down) == ["medium"]


def issued(at: float, by: str = "ci") -> RegistryEvent:
    event = happened(
        CredentialsIssued("listed", "/registries/shop"),
        cloud="azure",
        repository=None,
        actor=Actor(id=by),
        actor_account=None,
    )
    return msgspec.structs.replace(event, time=at, key=f"{by} {at}", id=f"{by} {at}")


def test_credentials_that_an_identity_reads_every_day_are_low_from_the_second_day() -> None:
    daily = [issued(day * DAY + hour * 3600) for day in range(5) for hour in (0, 1, 2)]
    assert severities(*daily) == ["medium"] * 3 + ["medium"] + ["low"] * 11
    assert severities(issued(0), issued(2 * DAY, by="eve")) == ["medium", "medium"]


def test_states_of_earlier_events_are_known_and_raise_nothing() -> None:
    raised: list[Alert] = []
    detector = Detector(CATALOGUE, {}, TRUST, Counter(MemoryStore(), lambda: 0.0), raised.append)
    detector.learn([configured("ENHANCED", 1), issued(0), configured("BASIC", 1, "two")])
    assert raised == []
    detector.detect([configured("BASIC", 5 * DAY), issued(5 * DAY)])
    assert [alert.severity.value for alert in raised] == ["medium", "low"]


@pytest.mark.parametrize("days", [1, 3, 30, 90])
def test_workers_share_states_and_what_is_repeated_every_day_leaves_room_for_a_change(
    days: int,
) -> None:
    rows, now = MemoryRows(), [0.0]
    raised: list[Alert] = []

    def worker() -> Detector:
        states = RowMemory(rows, lambda: now[0], days * DAY)
        counter = Counter(MemoryStore(), lambda: 0.0)
        return Detector(CATALOGUE, {}, TRUST, counter, raised.append, states=states)

    for day in range(3 * days):
        now[0] = day * DAY
        rows.sweep(now[0])
        assert not worker().detect([configured("ENHANCED", now[0])]).failed
        assert len(rows.rows) <= PLACES / 2 + 1
    worker().detect([configured("BASIC", now[0] + 1)])
    worker().detect([configured("BASIC", now[0] + 2)])
    assert [alert.severity.value for alert in raised] == ["medium", "informational"]
