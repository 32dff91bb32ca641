"""Deliberate mistakes that only this test finds, and others that it must find too."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

import msgspec

from registrywatch.aws.table import Item
from registrywatch.aws.window_store import DynamoStore
from registrywatch.azure.window_store import TableStore
from registrywatch.errors import Conflict
from registrywatch.windows.claims import Claim
from registrywatch.windows.meaning import Quiet
from tools.chaos import mistakes
from tools.chaos.traffic import CLOUDS, Cloud
from tools.chaos.wire.faults import Wire, only


@contextmanager
def takes_a_refused_swap_for_another_s() -> Iterator[None]:
    """A worker whose claim is refused assumes that another worker made it, and sends nothing.

    If the SDK repeated a swap whose response was lost, the claim is the worker's own. Azure's SDK
    does not repeat creations, and few swaps replace a claim, so this is rarely found on Azure.
    """

    def call(self: DynamoStore, operation: str, request: Item) -> Item:
        try:
            return self._table.call(operation, request)
        except Conflict as conflict:
            item = {} if conflict.item is None else dict(conflict.item)
            return {"Attributes": item | {"p": {"M": {}}}} if "v" in item else {"Attributes": item}

    def swap(
        self: TableStore,
        group: str,
        seen: Claim,
        quiet: Quiet,
        raised: Mapping[str, bytes],
        until: int | None,
    ) -> Claim:
        wanted = Claim(seen.version, quiet, {**seen.pending, **raised})
        written = self._replace(group, wanted, until)
        now = written or self.claim(group)
        return now if written else Claim(now.version, now.quiet)

    with patch.object(DynamoStore, "_call", call), patch.object(TableStore, "swap", swap):
        yield


class WireMistake(msgspec.Struct, frozen=True):
    """A mistake, and the clouds and fault rates under which it is tried."""

    make: Callable[[], AbstractContextManager[object]]
    clouds: tuple[Cloud, ...] = CLOUDS
    wire: Wire = Wire()

    @property
    def name(self) -> str:
        return self.make.__name__.replace("_", "-")


_LOST = Wire(only(answer_cut=0.15, answer_halved=0.05), only())
_LATE = Wire(only(late=0.15), only())
_NO_QUEUE = Wire(only(), only(cut=0.75))

_ALL = (
    WireMistake(takes_a_refused_swap_for_another_s, ("aws",), _LOST),
    WireMistake(mistakes.writes_on_under_the_same_name, ("azure",), _LATE),
    WireMistake(mistakes.swallows_errors_of_the_queue, wire=_NO_QUEUE),
    WireMistake(mistakes.settles_before_sending, wire=_NO_QUEUE),
    WireMistake(mistakes.does_not_note_deliveries),
)

MISTAKES = {mistake.name: mistake for mistake in _ALL}
"""By name."""
