"""A switch of the subscription ends something for many registries; many workers look at it."""

from collections.abc import Callable, Iterable, Iterator

import pytest
import requests

from registrywatch.azure import scan_state
from registrywatch.azure.arm import Arm
from registrywatch.azure.scan_state import ScanState
from registrywatch.azure.state_watch import Question, StateWatch
from registrywatch.errors import StateUnknown, StoreError
from registrywatch.events import RegistryEvent, ScanningStopped
from registrywatch.rows import MemoryRows
from tests.azure.given import PLANS
from tests.azure.http_stub import HttpStub
from tests.builders.azure import registry_id
from tests.builders.clock import T0

MANY = tuple(registry_id(f"r{number}") for number in range(20))
ON, OFF = ScanState("on", "plan free"), ScanState("plan free", "plan free")
OVERRIDDEN = ScanState("plan free", "plan free", overridden=True)

Answer = Callable[[str], ScanState]


class Watching:
    """Looks at 20 registries; `now` is the clock, `reported` what was reported."""

    def __init__(self) -> None:
        self.rows = MemoryRows()
        self.reported: list[RegistryEvent] = []
        self.now = T0
        self.fails = False

    def look(self, answer: Answer, during: Callable[[], object] = lambda: None) -> None:
        def ask(
            registries: Iterable[str],
        ) -> Iterator[tuple[str, ScanState | StateUnknown]]:
            for number, registry in enumerate(registries):
                yield registry, answer(registry)
                if number == 9:
                    during()

        asked: Question[ScanState] = scan_state.question(Arm(requests.Session(), str, "http://x"))
        question = Question("scanning", ScanState, ask, asked.ended, asked.shared, asked.together)
        StateWatch(question, self.rows, self._raise_alert, lambda: self.now).look(MANY)

    def _raise_alert(self, event: RegistryEvent) -> None:
        if self.fails:
            raise StoreError("queue alerts: out of order")
        self.reported.append(event)


@pytest.fixture
def watching() -> Watching:
    watching = Watching()
    watching.look(lambda _: ON)
    watching.now += 600
    return watching


def test_one_switch_is_one_alert_however_many_registries(watching: Watching) -> None:
    watching.look(lambda _: OFF)
    [event] = watching.reported
    assert isinstance(event.what, ScanningStopped)
    assert "20 registries: r0, r1, r10" in event.what.switch
    assert event.registry is None
    watching.now += 600
    watching.look(lambda _: OFF)
    assert len(watching.reported) == 1


def test_a_registrys_own_switch_is_its_own_alert(watching: Watching) -> None:
    watching.look(lambda registry: OVERRIDDEN if registry in MANY[:2] else ON)
    assert [event.registry for event in watching.reported] == ["r0.azurecr.io", "r1.azurecr.io"]


def test_a_look_that_began_earlier_brings_nothing_back_and_reports_nothing_twice(
    watching: Watching,
) -> None:
    """The slow look has read the plan as on; another saw it go off meanwhile."""

    def meanwhile() -> None:
        watching.now += 5
        watching.look(lambda _: OFF)

    watching.look(lambda _: ON, meanwhile)
    assert len(watching.reported) == 1
    watching.now += 600
    watching.look(lambda _: OFF)
    assert len(watching.reported) == 1
    watching.now += 600
    watching.look(lambda _: ON)
    watching.now += 600
    watching.look(lambda _: OFF)
    assert len(watching.reported) == 2


def test_an_alert_that_could_not_be_handed_over_is_not_lost(watching: Watching) -> None:
    watching.fails = True
    with pytest.raises(StoreError):
        watching.look(lambda _: OFF)
    watching.fails = False
    watching.look(lambda _: OFF)
    assert len(watching.reported) == 1


def test_a_look_ends_with_an_error_if_another_worker_always_writes_first(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching.rows, "replace", lambda *_: None)
    with pytest.raises(StoreError, match=r"scanning of \S+: other workers wrote first"):
        watching.look(lambda registry: OVERRIDDEN if registry == MANY[0] else ON)


def patient_arm(azure: HttpStub, now: list[float]) -> Arm:
    def sleep(_: float) -> None:
        """Wait for nothing."""

    return Arm(requests.Session(), lambda: "t", azure.url, sleep=sleep, clock=lambda: now[0])


def test_a_look_stops_asking_once_azure_refuses_and_the_next_begins_anew(azure: HttpStub) -> None:
    now = [T0]
    arm = Arm(
        requests.Session(), lambda: "t", azure.url, sleep=lambda _: None, clock=lambda: now[0]
    )
    azure.answers(f"{PLANS}/Containers", 429)
    arm.begin_look(60)
    for _ in range(3):
        with pytest.raises(StateUnknown):
            arm.get(f"{PLANS}/Containers", "v")
    asked = len(azure.asked)
    arm.begin_look(60)
    with pytest.raises(StateUnknown, match="HTTP 429"):
        arm.get(f"{PLANS}/Containers", "v")
    assert len(azure.asked) == 2 * asked


def test_a_look_has_one_deadline_for_all_its_questions(azure: HttpStub) -> None:
    now = [T0]
    arm = Arm(
        requests.Session(), lambda: "t", azure.url, sleep=lambda _: None, clock=lambda: now[0]
    )
    arm.begin_look(60)
    now[0] += 61
    with pytest.raises(StateUnknown, match="not asked: the time for this look is over"):
        arm.get(f"{PLANS}/Containers", "v")
    assert azure.asked == []
