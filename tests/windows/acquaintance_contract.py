"""What every store of acquaintances must keep: one suite, run over each of them.

A subclass named Test… gives the fixture `open_acquaintances`: it opens one more handle on one and
the same storage, as another worker would.
"""

import random
import uuid
from collections.abc import Callable

import pytest

from registrywatch.windows.newness import MOST, PERIOD_SECONDS, AcquaintanceStore, FirstTouches

OpenAcquaintances = Callable[[], AcquaintanceStore]
NOW = 1_800_000_000
P = NOW // PERIOD_SECONDS


def plain(met: FirstTouches) -> dict[int, dict[int, int]]:
    return {period: dict(held) for period, held in met.items() if held}


class AcquaintanceContract:
    """What is added stays, together with what others add, each repository at its earliest."""

    @pytest.fixture
    def group(self) -> str:
        return uuid.uuid4().hex

    def test_a_group_that_was_never_seen_has_met_nothing(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        assert plain(open_acquaintances().read(group)) == {}

    def test_what_is_added_is_read_by_every_worker(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        one, other = open_acquaintances(), open_acquaintances()
        added = {P: {1: NOW, 2**64 - 1: NOW + 1}, P - 1: {0: NOW - PERIOD_SECONDS}}
        assert plain(one.add(group, added)) == added
        assert plain(other.read(group)) == added
        assert plain(other.add(group, {P: {7: NOW}})) == {**added, P: {**added[P], 7: NOW}}
        assert plain(one.read(group)) == {**added, P: {**added[P], 7: NOW}}

    def test_the_earliest_touch_of_a_period_holds(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        store = open_acquaintances()
        for at in (NOW + 5, NOW + 9, NOW + 2, NOW + 7):
            store.add(group, {P: {1: at}})
        assert plain(store.read(group)) == {P: {1: NOW + 2}}

    def test_adding_the_same_again_changes_nothing(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        added = {P: {n: NOW + n for n in range(50)}}
        for _ in range(3):
            assert plain(open_acquaintances().add(group, added)) == added

    def test_groups_do_not_mix(self, open_acquaintances: OpenAcquaintances, group: str) -> None:
        store = open_acquaintances()
        store.add(group, {P: {1: NOW}})
        assert plain(store.read(uuid.uuid4().hex)) == {}

    def test_a_period_holds_no_more_than_it_may_and_keeps_what_it_has(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        store = open_acquaintances()
        store.add(group, {P: dict.fromkeys(range(MOST - 1), NOW + 9), P - 1: {5: NOW - 10**6}})
        store.add(group, {P: dict.fromkeys(range(MOST - 2, MOST + 9), NOW)})
        met = plain(store.read(group))
        assert len(met[P]) == MOST
        assert set(range(MOST - 1)) <= set(met[P])
        assert met[P - 1] == {5: NOW - 10**6}

    def test_whatever_workers_add_in_whatever_order_all_of_it_is_there(
        self, open_acquaintances: OpenAcquaintances, group: str
    ) -> None:
        rng = random.Random(4)
        stores = [open_acquaintances() for _ in range(3)]
        wanted: dict[int, dict[int, int]] = {}
        for _ in range(60):
            period, repository = P - rng.randrange(2), rng.randrange(6)
            at = period * PERIOD_SECONDS + rng.randrange(1000)
            rng.choice(stores).add(group, {period: {repository: at}})
            held = wanted.setdefault(period, {})
            held[repository] = min(at, held.get(repository, at))
        assert plain(stores[0].read(group)) == wanted

    def test_an_account_is_known_since_the_earliest_time(
        self, open_acquaintances: OpenAcquaintances
    ) -> None:
        account = str(uuid.uuid4())
        one, other = open_acquaintances(), open_acquaintances()
        assert one.first_seen(account, NOW) == NOW
        assert other.first_seen(account, NOW + 99) == NOW
        assert other.first_seen(account, NOW - 99) == NOW - 99
        assert one.first_seen(account, NOW) == NOW - 99
        assert one.first_seen(str(uuid.uuid4()), NOW) == NOW
