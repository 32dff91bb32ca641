"""Folding counts every alert once, whatever the order, repetition, parallel work and crashes."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.alerts import Alert, alert_id
from registrywatch.delivery.fold import Fold
from registrywatch.digests import digest
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.delivery.interleaving import Task, run_interleaved
from tests.delivery.world import START, World, webhook

FOLD = 60


def some_alerts(random: Random, number: int) -> list[Alert]:
    return [
        an_alert(
            each,
            repository=random.choice("ab"),
            severity=random.choice([Severity.LOW, Severity.MEDIUM, Severity.MEDIUM, Severity.HIGH]),
        )
        for each in range(number)
    ]


def a_world(random: Random, number: int) -> tuple[World, list[Alert]]:
    """Alerts that come in over several windows."""
    world = World(webhook(fold_seconds=FOLD))
    alerts = some_alerts(random, number)
    for alert in alerts:
        world.send(alert)
        body = world.queue.take()
        assert body is not None
        world.queue.put(body, random.choice([0, 0, 0, 20, FOLD - 1, FOLD, FOLD + 1, 3 * FOLD]))
    return world, alerts


def folds_of(world: World) -> dict[str, Fold]:
    """Every fold that the ledger still knows, present or kept."""
    found = {}
    for key, entry in world.ledger._entries.items():
        if key[0] in "wk":
            fold = msgspec.msgpack.decode(entry.value, type=Fold)
            found[alert_id("follow-up", fold.id)] = fold
    return found


def check_each_is_sent_once(world: World, alerts: list[Alert]) -> None:
    """By itself, or in exactly one follow-up that says how many it counts; never both."""
    got = world.received()
    follow_ups = {alert.id: alert for alert in got if alert.follows}
    folds = folds_of(world)
    alone = {alert.id for alert in got} - follow_ups.keys()
    folded = [name for follow_up in follow_ups for name in folds[follow_up].folded]
    for follow_up, alert in follow_ups.items():
        assert int(alert.summary.split()[0]) == len(folds[follow_up].folded)
    assert len(folded) == len(set(folded))
    assert {digest(name) for name in alone}.isdisjoint(folded)
    assert {digest(name) for name in alone} | set(folded) == {digest(each.id) for each in alerts}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), number=st.integers(1, 12))
def test_with_parallel_workers_and_repeated_messages_nothing_is_posted_twice(
    seed: int, number: int
) -> None:
    random = Random(seed)
    world, alerts = a_world(random, number)
    run_interleaved(world, random)
    check_each_is_sent_once(world, alerts)
    got = [alert.id for alert in world.received()]
    assert len(got) == len(set(got))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), number=st.integers(1, 12), crashes=st.integers(1, 8))
def test_with_crashes_and_stalled_workers_every_alert_is_sent_or_counted_and_never_both(
    seed: int, number: int, crashes: int
) -> None:
    random = Random(seed)
    world, alerts = a_world(random, number)
    run_interleaved(world, random, crashes=crashes, jumps=True)
    check_each_is_sent_once(world, alerts)


@pytest.mark.parametrize("seed", range(20))
def test_windows_that_run_full_lose_nothing_either(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registrywatch.delivery.fold.MOST_REMEMBERED", 5)
    random = Random(seed)
    world, alerts = a_world(random, 20)
    run_interleaved(world, random, crashes=6, jumps=True)
    check_each_is_sent_once(world, alerts)


def test_a_worker_that_stalls_until_the_window_is_over_does_not_fold_into_it() -> None:
    world = World(webhook(fold_seconds=FOLD))
    world.send(an_alert(1))
    world.run(until=START)
    world.send(an_alert(2))
    body = world.queue.take()
    assert body is not None
    stalled = Task(body, world)
    while not len(world.queue):  # until it has sent the message for the window's end
        stalled.step()
    world.run()  # the end comes first: nothing is folded yet
    assert len(world.received()) == 1
    while not stalled.done:
        stalled.step()
    world.run()
    check_each_is_sent_once(world, [an_alert(1), an_alert(2)])
