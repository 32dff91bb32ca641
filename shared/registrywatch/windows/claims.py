"""What is quiet in a group, and how alerts are claimed, handed over and settled."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from registrywatch.windows.changeover import (
    Kin,
    Part,
    choose_later,
    closed,
    is_closed,
    joined,
    moved,
    opened,
)
from registrywatch.windows.meaning import Quiet, Window

SLACK_SECONDS = 3600
"""How far the clocks of workers and stores may be apart where age decides what is dropped."""

ALERTS_PER_CLAIM = 5
MOST_BODY_BYTES = 60_000
"""How many alerts are claimed at once, and how long a body may be: DynamoDB takes 400 KB an item,
Table Storage 64 KiB a property and 1 MiB a row. Who makes bodies keeps to it."""

HandOver = Callable[[bytes], None]
"""Hands over the body of an alert, perhaps once more. Raises StoreError if it may have failed."""

Raised = Callable[[list[int]], Mapping[str, bytes]]
"""The alerts anchored at these steps: id and body of each."""


class Claim(msgspec.Struct, frozen=True):
    """What is quiet in a group, and the alerts (id and body) not yet known to be handed over.

    `version` is the store's own; None: nothing has been stored yet.
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
        """If nobody changed what is quiet since `seen`: make it `quiet`, and `raised` pending too.

        Returns the claim as it is then, whether this call has changed it or not.
        """

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        """Take the pending alerts of `claim` out of the stored one: they have been handed over.

        Returns the claim without them, fit for a swap; it may have become another meanwhile. No
        error if they, or the whole claim, are gone.
        """


class Claims:
    """Claims what crosses; see `Counter` for the arguments."""

    def __init__(
        self, store: ClaimStore, clock: Callable[[], float], retention_seconds: int | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._retention_seconds = retention_seconds

    def keep_until(self, window: Window, times: int = 1) -> int | None:
        """Until when what is written now must be kept, for so many retentions."""
        if self._retention_seconds is None:
            return None
        kept = times * self._retention_seconds + window.seconds + window.quiet_seconds
        return int(self._clock()) + kept + SLACK_SECONDS

    def make(
        self, of: Kin, crossing: list[int], raised: Raised, hand_over: HandOver, part: Part | None
    ) -> Quiet | None:
        """Claim what crosses and is not quiet. Returns what is quiet then, if this group says it.

        A group that was closed claims nothing more: the group that follows it does, with all that
        was quiet before. The last one claims whatever is the case.
        """
        quiet, heirs = Quiet(), [of]
        if part is not None:
            heirs += part.later()
            if part.span.is_near(of.window, crossing):
                for kin in part.earlier():
                    quiet = joined(quiet, moved(self._close(kin, hand_over), kin.window, of.window))
        held = of
        for heir in heirs:
            quiet, held = moved(quiet, held.window, heir.window), heir
            claim = self._settled(heir, self._store.claim(heir.group), hand_over)
            while heir is heirs[-1] or not is_closed(claim.quiet):
                found = joined(opened(claim.quiet), quiet)
                anchors, wanted = choose_later(
                    of.window, crossing, found, ALERTS_PER_CLAIM, heir.window
                )
                if not anchors:
                    return found if heir is of else None
                claim = self._store.swap(
                    heir.group,
                    claim,
                    self._pruned(wanted, heir),
                    raised(anchors),
                    self._until(heir),
                )
                claim = self._settled(heir, claim, hand_over)
            quiet = joined(opened(claim.quiet), quiet)
        return None

    def _close(self, kin: Kin, hand_over: HandOver) -> Quiet:
        """Close a group's claim: what is quiet in it then stays as it is."""
        claim = self._settled(kin, self._store.claim(kin.group), hand_over)
        while not is_closed(claim.quiet):
            claim = self._store.swap(kin.group, claim, closed(claim.quiet), {}, self._until(kin))
            claim = self._settled(kin, claim, hand_over)
        return opened(claim.quiet)

    def _settled(self, kin: Kin, claim: Claim, hand_over: HandOver) -> Claim:
        """Hand over all that is pending, own or not: while the queue fails, no claims pile up."""
        while claim.pending:
            for alert in claim.pending.values():
                hand_over(alert)
            claim = self._store.settle(kin.group, claim, self._until(kin))
        return claim

    def _pruned(self, quiet: Quiet, kin: Kin) -> Quiet:
        if self._retention_seconds is None:
            return quiet
        kept_since = self._clock() - self._retention_seconds - SLACK_SECONDS
        return quiet.since(kin.window.step_of(kept_since))

    def _until(self, kin: Kin) -> int | None:
        """A claim outlives the steps that it keeps quiet: else they would cross once more."""
        return self.keep_until(kin.window, times=2)
