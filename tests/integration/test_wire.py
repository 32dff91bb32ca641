"""The chains over proxies that throttle, hang and cut: the vendors' servers, the real SDKs."""

import logging
from collections.abc import Iterator

import pytest

from tests.integration.aws.stack import sqs
from tools.chaos.traffic import CLOUDS, Cloud
from tools.chaos.wire.crowd import Found, run
from tools.chaos.wire.faults import Wire
from tools.chaos.wire.mistakes import MISTAKES
from tools.chaos.wire.servers import Servers

pytestmark = pytest.mark.real

BURSTS = 10
LOST_ANSWERS = ("takes-a-refused-swap-for-another-s", "writes-on-under-the-same-name")


@pytest.fixture(scope="module")
def queues() -> Iterator[str]:
    with sqs() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def without_the_sdks_words_about_each_cut() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def servers(dynamodb_endpoint: str, queues: str, azurite_connection: str) -> Servers:
    return Servers(dynamodb_endpoint, queues, azurite_connection)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_burst_is_alerted_once_whatever_the_wire_does(servers: Servers, cloud: Cloud) -> None:
    with servers.chain(cloud, 1, Wire()) as chain:
        found = run(cloud, chain, 1, BURSTS)
    assert found.broken == []
    assert found.bursts == 13
    assert_all_kinds_struck(found)


def assert_all_kinds_struck(found: Found) -> None:
    struck = {kind.partition(" ")[2] for kind in found.faults}
    assert struck == {
        *("throttled", "cut", "hangs", "late", "answer cut", "answer halved", "answer lost")
    }
    assert sum(found.faults.values()) > 100


@pytest.mark.parametrize("name", LOST_ANSWERS)
def test_a_mistake_about_lost_answers_is_found(servers: Servers, name: str) -> None:
    mistake = MISTAKES[name]
    [cloud] = mistake.clouds
    for seed in range(1, 9):  # the faults of most seeds show it; ends with the first that does
        with servers.chain(cloud, seed, mistake.wire) as chain, mistake.make():
            found = run(cloud, chain, seed, BURSTS, 25.0)
        if found.shows_a_mistake:
            return
    pytest.fail(f"{name} was not found")
