"""Deliberate mistakes in the product: each breaks a promise, and the verdict must report it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any
from unittest.mock import patch

import msgspec

from functions.aws import payload
from functions.azure.intake import Intake
from registrywatch.alerts import Alert
from registrywatch.aws.window_store import DynamoStore
from registrywatch.azure import window_store as azure_windows
from registrywatch.azure.window_store import TableStore
from registrywatch.delivery.lane import Lane
from registrywatch.delivery.queue import AlertQueue, AlertSender
from registrywatch.detector import dedup
from registrywatch.errors import StoreError
from registrywatch.windows import meaning, protocol
from registrywatch.windows.changeover import TunedGroup
from registrywatch.windows.claims import Claim, Claims, HandOver
from registrywatch.windows.meaning import Quiet, Window
from registrywatch.windows.protocol import Counter
from tools.chaos.faults import Rates
from tools.chaos.traffic import Cloud


def quiet_on_one_side() -> AbstractContextManager[object]:
    """An alert suppresses later events, but not earlier events that are delivered later."""

    def ahead(self: Quiet, anchor: int, distance: int) -> Quiet:
        return Quiet(tuple(sorted((*self.intervals, (anchor, anchor + distance - 1)))))

    return patch.object(Quiet, "with_anchor", ahead)


def settles_before_sending() -> AbstractContextManager[object]:
    """A claimed alert is recorded as handed over before it is sent."""

    def settled(self: Claims, group: TunedGroup, claim: Claim, hand_over: HandOver) -> Claim:
        while pending := claim.pending:
            claim = self._store.settle(group.key, claim, self._until(group))
            for alert in pending.values():
                hand_over(alert)
        return claim

    return patch.object(Claims, "_settled", settled)


def swallows_errors_of_the_queue() -> AbstractContextManager[object]:
    """An alert that the alert queue refused is recorded as sent."""
    send = AlertSender.__call__

    def swallowing(self: AlertSender, alert: Alert) -> None:
        with suppress(StoreError):
            send(self, alert)

    return patch.object(AlertSender, "__call__", swallowing)


def remembers_before_reading() -> AbstractContextManager[object]:
    """A worker caches what it wrote before it checks whether a threshold was reached."""
    evaluate = Counter._evaluate

    def hastily(self: Counter, group: str, window: Window, written: Any, *more: Any) -> Any:
        if self._cache is not None:
            stored = {step: frozenset(hashes) for step, hashes in written.items()}
            self._cache.remember(group, window.cap, stored, None)
        return evaluate(self, group, window, written, *more)

    return patch.object(Counter, "_evaluate", hastily)


@contextmanager
def leaves_pending_alerts_to_others() -> Iterator[None]:
    """A worker sends only the alerts that it claimed itself."""
    claims = {store: store.claim for store in (DynamoStore, TableStore)}

    with ExitStack() as stack:
        for store, claim in claims.items():

            def blind(self: Any, group: str, claim: Any = claim) -> Claim:
                now = claim(self, group)
                return Claim(now.version, now.quiet)

            stack.enter_context(patch.object(store, "claim", blind))
        yield


@contextmanager
def counts_one_too_few() -> Iterator[None]:
    """A burst raises an alert at one below the threshold."""
    crossing, may = meaning.crossing_steps, meaning.may_cross

    def below(window: Window) -> Window:
        return msgspec.structs.replace(window, threshold=window.threshold - 1)

    with (
        patch.object(protocol, "may_cross", lambda window, sets: may(below(window), sets)),
        patch.object(
            protocol,
            "crossing_steps",
            lambda window, sets, among: crossing(below(window), sets, among),
        ),
    ):
        yield


@contextmanager
def acknowledges_what_failed() -> Iterator[None]:
    """The function reports no failure for a batch."""
    take = Intake.take

    def forgiving(self: Intake, *given: Any, **named: Any) -> None:
        with suppress(StoreError):
            take(self, *given, **named)

    with (
        patch.object(payload, "partial_failures", lambda _: {"batchItemFailures": []}),
        patch.object(Intake, "take", forgiving),
    ):
        yield


def does_not_note_deliveries() -> AbstractContextManager[object]:
    """Deliveries are not recorded in the ledger."""
    return patch.object(Lane, "_note_delivered", lambda *_: None)


def drops_dead_letters() -> AbstractContextManager[object]:
    """An alert that a destination refused is acknowledged and lost."""
    return patch.object(AlertQueue, "dead_letter", lambda *_: None)


def claims_no_happening() -> AbstractContextManager[object]:
    """On Azure, a deletion has two records, and neither claims it before its alert."""
    return patch.object(dedup, "_is_claimed", lambda *_: True)


@contextmanager
def writes_on_under_the_same_name() -> Iterator[None]:
    """On Azure, a worker reuses a row after a failed write, which may still take effect."""
    add = TableStore.add
    at_work: list[TableStore] = []
    names: dict[tuple[TableStore, int], str] = {}
    new_key = azure_windows._new_key

    def noted(self: TableStore, *given: Any) -> Any:
        at_work.append(self)
        try:
            return add(self, *given)
        finally:
            at_work.pop()

    def same(step: int) -> str:
        return names.setdefault((at_work[-1], step), new_key(step))

    with patch.object(TableStore, "add", noted), patch.object(azure_windows, "_new_key", same):
        yield


class Mistake(msgspec.Struct, frozen=True):
    """A mistake, as a context manager; the clouds and fault rates under which it is tried."""

    make: Callable[[], AbstractContextManager[object]]
    clouds: tuple[Cloud, ...] = ("azure", "aws")
    rates: Rates = Rates()

    @property
    def name(self) -> str:
        return self.make.__name__.replace("_", "-")


NONE = Mistake(nullcontext)

MISTAKES = {
    mistake.name: mistake
    for mistake in (
        Mistake(quiet_on_one_side, ("aws",)),
        Mistake(settles_before_sending),
        Mistake(swallows_errors_of_the_queue),
        Mistake(remembers_before_reading),
        Mistake(leaves_pending_alerts_to_others),
        Mistake(counts_one_too_few),
        Mistake(acknowledges_what_failed),
        Mistake(does_not_note_deliveries, ("aws",)),
        Mistake(drops_dead_letters),
        Mistake(claims_no_happening, ("azure",)),
        Mistake(writes_on_under_the_same_name, ("azure",), Rates(late_rows=0.1)),
    )
}
"""By name."""
