"""The check as it runs by the clock: it reports, and a good one sends a heartbeat."""

from collections.abc import Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from registrywatch.checks import Item, right, unknown, wrong
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.self_check import SelfCheck
from registrywatch.checks.transitions import Transitions
from registrywatch.delivery import SecretStore
from registrywatch.events import RegistryEvent
from registrywatch.rows import MemoryRows
from tests.azure.http_stub import HttpStub, http_stub
from tests.builders.clock import T0

GOOD = right("trail", "main records all")
BAD = wrong("trail", "no trail is logging", "aws cloudtrail start-logging --name main")
MINOR = wrong("dead letters", "3 messages", "registrywatch redeliver", minor=True)
Run = Callable[..., str | None]


@pytest.fixture
def told() -> list[RegistryEvent]:
    return []


@pytest.fixture
def run(told: list[RegistryEvent]) -> Run:
    rows = MemoryRows()

    def checked(
        *items: Item, heartbeat: str | None = None, secrets: SecretStore | None = None
    ) -> str | None:
        transitions = Transitions(rows, CheckedPlace("aws", "1", "r"), told.append, lambda: T0)
        check = SelfCheck(lambda: items, transitions, lambda _: (), heartbeat, lambda: T0, secrets)
        found, missed = check.run()
        assert found == items
        return missed

    return checked


@pytest.mark.parametrize(
    ("items", "beats"),
    [
        ((GOOD,), 1),
        ((GOOD, MINOR), 1),
        ((BAD,), 0),
        ((GOOD, unknown("table", "AccessDenied")), 0),
    ],
)
def test_only_a_good_check_sends_a_heartbeat(run: Run, items: tuple[Item, ...], beats: int) -> None:
    with http_stub() as stub:
        stub.answers("/ping", 200)
        assert run(*items, heartbeat=f"{stub.url}/ping") is None
        assert stub.paths() == ["/ping"] * beats


def test_a_heartbeat_that_is_refused_is_said_and_harms_nothing(
    run: Run, told: list[RegistryEvent]
) -> None:
    stub: HttpStub
    with http_stub() as stub:
        stub.answers("/ping", 404)
        missed = run(GOOD, MINOR, heartbeat=f"{stub.url}/ping")
    assert missed
    assert "404" in missed
    assert len(told) == 1


class Ssm:
    """SSM with one parameter."""

    def __init__(self, value: str) -> None:
        self.value = value

    def get_parameter(self, *, Name: str, **_: object) -> dict[str, dict[str, str]]:  # noqa: N803
        if Name != "/beat":
            raise EndpointConnectionError(endpoint_url=Name)
        return {"Parameter": {"Value": self.value}}


def test_the_address_may_be_kept_as_a_secret(run: Run) -> None:
    with http_stub() as stub:
        stub.answers("/ping", 200)
        secrets = SecretStore(lambda _: Ssm(f"{stub.url}/ping"))
        assert run(GOOD, heartbeat="ssm:/beat", secrets=secrets) is None
        assert stub.paths() == ["/ping"]
        missed = run(GOOD, heartbeat="ssm:/gone", secrets=secrets)
        assert missed
        assert "ssm:/gone can't be read" in missed
        assert stub.paths() == ["/ping"]


def test_without_an_address_there_is_no_heartbeat(run: Run) -> None:
    assert run(GOOD) is None


def test_what_is_wrong_is_reported(run: Run, told: list[RegistryEvent]) -> None:
    run(BAD)
    assert [type(event.what).__name__ for event in told] == ["CheckChanged"]
