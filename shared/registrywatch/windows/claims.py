"""What is quiet in a group, and how alerts are claimed, handed over and settled."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from registrywatch.windows.changeover import (
    Changeover,
    TunedGroup,
    choose_later,
    closed,
    is_closed,
    joined,
    moved,
    opened,
)
from registrywatch.windows.meaning import Quiet, Window

SLACK_SECONDS = 3600
"""By how much the clocks of workers and stores may differ, where age decides what is dropped."""

ALERTS_PER_CLAIM = 5
MOST_BODY_BYTES = 60_000
"""How many alerts are claimed at once, and how long a body may be. Limits: DynamoDB 400 KB for an
item; Table Storage 64 KiB for a property and 1 MiB for a row. The maker of a body observes them."""

HandOver = Callable[[bytes], None]
"""Hands over the body of an alert, possibly again. Raises StoreError if it may have failed."""

Raised = Callable[[list[int]], Mapping[str, bytes]]
"""The alerts anchored at these steps: id and body of each."""


class Claim(msgspec.Struct, frozen=True):
    """What is quiet in a group, and the alerts (id and body) not yet known to be handed over.

    `version` is the store's; None: nothing has been stored yet.
    """

    version: int | str | None = None
    quiet: Quiet = Quiet()
    pending: Mapping[str, bytes] = {}


class ClaimStore(Protocol):
    """The part of a `Store` that keeps claims."""

    def claim(self, group: str) -> Claim:
        """The claim as it is, consistently read."""

    def swap(
        self, group: str, seen: Claim, quiet: Quiet, raised: Mapping[str, bytes], until: int | None
    ) -> Claim:
        """If what is quiet has not changed since `seen`: make it `quiet`, and add `raised` to
        `pending`. Returns the claim as it is then, whether this call has changed it or not.
        """

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        """Remove the pending alerts of `claim` from the stored one: they have been handed over.

        Returns the claim without them, which a swap can use; the stored one may have changed since.
        It is no error if they, or the whole claim, are gone.
        """


class Claims:
    """Claims alerts for crossing steps; see `Counter` for the arguments."""

    def __init__(
        self, store: ClaimStore, clock: Callable[[], float], retention_seconds: int | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._retention_seconds = retention_seconds

    def keep_until(self, window: Window, times: int = 1) -> int | None:
        """Until when what is written now must be kept: for `times` the retention."""
        if self._retention_seconds is None:
            return None
        kept = times * self._retention_seconds + window.seconds + window.quiet_seconds
        return int(self._clock()) + kept + SLACK_SECONDS

    def make(
        self,
        group: TunedGroup,
        crossing: list[int],
        raised: Raised,
        hand_over: HandOver,
        changeover: Changeover | None,
    ) -> Quiet | None:
        """Claim what crosses and is not quiet. Returns what is then quiet, if this group claims.

        A group that was closed claims nothing more: the group that follows it claims, with all that
        was quiet before. The last group claims even if it is closed.
        """
        quiet, claimants = Quiet(), [group]
        if changeover is not None:
            claimants += changeover.later()
            if changeover.span.is_near(group.window, crossing):
                for earlier in changeover.earlier():
                    final = self._close(earlier, hand_over)
                    quiet = joined(quiet, moved(final, earlier.window, group.window))
        held = group
        for claimant in claimants:
            quiet, held = moved(quiet, held.window, claimant.window), claimant
            claim = self._settled(claimant, self._store.claim(claimant.key), hand_over)
            while claimant is claimants[-1] or not is_closed(claim.quiet):
                found = joined(opened(claim.quiet), quiet)
                anchors, wanted = choose_later(
                    group.window, crossing, found, ALERTS_PER_CLAIM, claimant.window
                )
                if not anchors:
                    return found if claimant is group else None
                claim = self._store.swap(
                    claimant.key,
                    claim,
                    self._pruned(wanted, claimant),
                    raised(anchors),
                    self._until(claimant),
                )
                claim = self._settled(claimant, claim, hand_over)
            quiet = joined(opened(claim.quiet), quiet)
        return None

    def _close(self, group: TunedGroup, hand_over: HandOver) -> Quiet:
        """Close a group's claim: after that, what is quiet in it does not change."""
        claim = self._settled(group, self._store.claim(group.key), hand_over)
        while not is_closed(claim.quiet):
            claim = self._store.swap(group.key, claim, closed(claim.quiet), {}, self._until(group))
            claim = self._settled(group, claim, hand_over)
        return opened(claim.quiet)

    def _settled(self, group: TunedGroup, claim: Claim, hand_over: HandOver) -> Claim:
        """Hand over all pending alerts, of any worker: so none accumulate while the queue fails."""
        while claim.pending:
            for alert in claim.pending.values():
                hand_over(alert)
            claim = self._store.settle(group.key, claim, self._until(group))
        return claim

    def _pruned(self, quiet: Quiet, group: TunedGroup) -> Quiet:
        if self._retention_seconds is None:
            return quiet
        kept_since = self._clock() - self._retention_seconds - SLACK_SECONDS
        return quiet.since(group.window.step_of(kept_since))

    def _until(self, group: TunedGroup) -> int | None:
        """A claim is kept longer than the steps that it makes quiet: they would cross again."""
        return self.keep_until(group.window, times=2)
