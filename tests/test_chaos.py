"""`make chaos`, in small: what was promised holds, and a mistake in the engine is found."""

import pytest

from tools.chaos.mistakes import MISTAKES, Mistake
from tools.chaos.run import caught, run
from tools.chaos.traffic import CLOUDS, Cloud
from tools.chaos.world import Bounds

SEED = 1
FINDS_SOON = 6
"""The seed from which on most mistakes are found in the first run; others take a few more."""


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_promise_is_kept_while_everything_fails(cloud: Cloud) -> None:
    result = run(cloud, SEED, 30, Bounds())
    assert result.broken == []
    assert 0 < result.dead_events < result.dead_letters
    struck = {"killed", "lost", "later", "repeated", "refused", "hangs", "POST 503"}
    assert struck <= result.faults.keys()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_seed_decides_all_that_happens(cloud: Cloud) -> None:
    first, second = (run(cloud, SEED, 8, Bounds()) for _ in range(2))
    assert first.faults == second.faults
    assert first.moves == second.moves


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_a_deliberate_mistake_is_found(mistake: Mistake) -> None:
    assert caught(mistake, FINDS_SOON) is not None


def test_a_run_ends_though_the_chain_does_not_come_to_rest() -> None:
    result = run("aws", SEED, 8, Bounds(moves=500))
    assert "the chain comes to rest" in {each.promise for each in result.broken}
