"""A rule that compares a state with the last one: what the detector remembers for it."""

import msgspec

from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.detector.memory import InMemory
from registrywatch.events import (
    Actor,
    CredentialsIssued,
    RegistryEvent,
    RegistryScanningSet,
    ScanRule,
)
from registrywatch.rules import CATALOGUE
from registrywatch.windows import Counter, MemoryStore
from tests.rules.given import TRUST, happened

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


DAY = 86_400.0


def test_credentials_that_an_identity_reads_every_day_are_low_from_the_second_day() -> None:
    daily = [issued(day * DAY + hour * 3600) for day in range(5) for hour in (0, 1, 2)]
    assert severities(*daily) == ["medium"] * 3 + ["medium"] + ["low"] * 11
    assert severities(issued(0), issued(2 * DAY, by="eve")) == ["medium", "medium"]
