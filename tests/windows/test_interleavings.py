"""The engine under interleavings, failures and disorder; and that its known rivals fail there.

Each rival is one of the thirteen ways of counting that look right and are not. That the exploration
finds every one of them is what makes its silence about the engine worth something.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from registrywatch.windows import (
    Claim,
    Counter,
    MemoryStore,
    SightingCache,
    Window,
    meaning,
    protocol,
)
from registrywatch.windows.changeover import TunedGroup
from registrywatch.windows.claims import Claims
from registrywatch.windows.meaning import Quiet, Sets
from tests.windows.interleaving import Play

PLAYS = 120
RIVAL_PLAYS = 1_500


def play(seed: int) -> None:
    store = MemoryStore()
    Play(seed, lambda: store).run()


@pytest.mark.parametrize("part", range(4))
def test_every_interleaving_keeps_the_guarantees(part: int) -> None:
    for seed in range(part * PLAYS, (part + 1) * PLAYS):
        try:
            play(seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


Patch = Callable[[pytest.MonkeyPatch], None]


def reads_only_if_the_write_was_new(patch: pytest.MonkeyPatch) -> None:
    known: set[tuple[str, int, int]] = set()
    evaluate = Counter._evaluate

    def lazily(self: Counter, group: str, window: Window, written: Any, *more: Any) -> Any:
        new = {(group, step, one) for step, hashes in written.items() for one in hashes} - known
        known.update(new)
        return evaluate(self, group, window, written, *more) if new else None

    patch.setattr(Counter, "_evaluate", lazily)


def remembers_before_it_has_looked(patch: pytest.MonkeyPatch) -> None:
    evaluate = Counter._evaluate

    def hastily(self: Counter, group: str, window: Window, written: Any, *more: Any) -> Any:
        if self._cache is not None:
            stored = {step: frozenset(hashes) for step, hashes in written.items()}
            self._cache.remember(group, window.cap, stored, None)
        return evaluate(self, group, window, written, *more)

    patch.setattr(Counter, "_evaluate", hastily)


def remembers_what_a_read_has_shown(patch: pytest.MonkeyPatch) -> None:
    shown: dict[str, dict[int, AbstractSet[int]]] = {}
    crossing_steps = meaning.crossing_steps
    remember = SightingCache.remember

    def crossing(window: Window, sets: Sets, among: list[int]) -> list[int]:
        shown["last"] = {step: frozenset(one) for step, one in sets.items()}
        return crossing_steps(window, sets, among)

    def credulously(
        self: SightingCache, group: str, cap: int, stored: Sets, quiet: Quiet | None
    ) -> None:
        remember(self, group, cap, {**stored, **shown.get("last", {})}, quiet)

    patch.setattr(protocol, "crossing_steps", crossing)
    patch.setattr(SightingCache, "remember", credulously)


def is_quiet_on_one_side(patch: pytest.MonkeyPatch) -> None:
    def ahead(self: Quiet, anchor: int, distance: int) -> Quiet:
        return Quiet(tuple(sorted((*self.intervals, (anchor, anchor + distance - 1)))))

    patch.setattr(Quiet, "with_anchor", ahead)


def knows_the_last_alert_alone(patch: pytest.MonkeyPatch) -> None:
    def until(self: Quiet, step: int) -> bool:
        return bool(self.intervals) and step <= self.intervals[-1][1]

    patch.setattr(Quiet, "covers", until)


def has_fixed_buckets(patch: pytest.MonkeyPatch) -> None:
    def bucket(self: Quiet, anchor: int, distance: int) -> Quiet:
        first = anchor // distance * distance
        return Quiet(tuple(sorted({*self.intervals, (first, first + distance - 1)})))

    patch.setattr(Quiet, "with_anchor", bucket)


def takes_empty_steps_for_anchors(patch: pytest.MonkeyPatch) -> None:
    crossing_steps = meaning.crossing_steps

    def crossing(window: Window, sets: Sets, among: list[int]) -> list[int]:
        # a sighting that is in the window already fills the empty step, and counts for nothing
        filled = {
            step: sets.get(step) or frozenset().union(*[sets.get(step - n, ()) for n in range(13)])
            for step in among
        }
        return [
            step for step in among if crossing_steps(window, {**sets, step: filled[step]}, [step])
        ]

    patch.setattr(protocol, "crossing_steps", crossing)


def looks_only_at_windows_that_end_at_the_event(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(protocol, "reached_by", lambda written: sorted(written))


def settles_before_it_hands_over(patch: pytest.MonkeyPatch) -> None:
    def settled(self: Claims, group: TunedGroup, claim: Claim, hand_over: Any) -> Claim:
        while claim.pending:
            pending, claim = claim.pending, self._store.settle(group.key, claim, None)
            for alert in pending.values():
                hand_over(alert)
        return claim

    patch.setattr(Claims, "_settled", settled)


def leaves_the_pending_to_who_claimed_them(patch: pytest.MonkeyPatch) -> None:
    claim = MemoryStore.claim

    def blind(self: MemoryStore, group: str) -> Claim:
        now = claim(self, group)
        return Claim(now.version, now.quiet)

    patch.setattr(MemoryStore, "claim", blind)


def drops_writes_while_it_is_quiet(patch: pytest.MonkeyPatch) -> None:
    count = Counter.count

    def dropping(self: Counter, group: str, window: Window, sightings: Any, *more: Any) -> Any:
        quiet = self._cache.quiet(group) if self._cache else Quiet()
        loud = {step: hashes for step, hashes in sightings.items() if not quiet.covers(step)}
        return count(self, group, window, loud, *more)

    patch.setattr(Counter, "count", dropping)


def skips_the_read_without_a_look_at_later_windows(patch: pytest.MonkeyPatch) -> None:
    def due(self: Counter, window: Window, written: Mapping[int, object], reached: Any) -> bool:
        return not set(written).isdisjoint(reached)

    patch.setattr(Counter, "_any_due", due)


def has_a_quiet_distance_without_the_one_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Window, "quiet_distance", property(lambda self: -(-self.quiet_seconds * 12 // self.seconds))
    )


def reads_what_was_stored_a_moment_ago(patch: pytest.MonkeyPatch) -> None:
    read = MemoryStore.read
    before: dict[tuple[MemoryStore, str, int], AbstractSet[int]] = {}

    def stale(self: MemoryStore, group: str, first: int, last: int) -> Sets:
        shown = {}
        for step in range(first, last + 1):
            now = frozenset(read(self, group, step, step).get(step, ()))
            if old := before.get((self, group, step), frozenset()):
                shown[step] = old
            before[self, group, step] = now
        return shown

    patch.setattr(MemoryStore, "read", stale)


RIVALS: list[Patch] = [
    reads_only_if_the_write_was_new,
    remembers_before_it_has_looked,
    remembers_what_a_read_has_shown,
    is_quiet_on_one_side,
    knows_the_last_alert_alone,
    has_fixed_buckets,
    takes_empty_steps_for_anchors,
    looks_only_at_windows_that_end_at_the_event,
    settles_before_it_hands_over,
    leaves_the_pending_to_who_claimed_them,
    drops_writes_while_it_is_quiet,
    skips_the_read_without_a_look_at_later_windows,
    has_a_quiet_distance_without_the_one_more,
    reads_what_was_stored_a_moment_ago,
]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.__name__)
def test_a_rival_is_found_out(rival: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    rival(monkeypatch)
    with pytest.raises(AssertionError, match=r"G[123]:|never sent"):
        for seed in range(RIVAL_PLAYS):
            play(seed)
