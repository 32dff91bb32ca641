"""From documents as Azure delivers them to the watcher; what can't be handled is parked."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from registrywatch import sources
from registrywatch.azure.log_lines import log
from registrywatch.azure.parked_queue import Parking
from registrywatch.azure.watcher import Watcher
from registrywatch.errors import StoreError
from registrywatch.events import RegistryEvent

_TOO_OLD = "older than what is remembered of its group: it can't be counted exactly any more"


class _Envelope(msgspec.Struct):
    records: list[msgspec.Raw] | None = None


class Intake:
    """Takes documents: Event Grid events, or messages of an Event Hub with records in them."""

    def __init__(self, watcher: Watcher, parking: Parking) -> None:
        self._watcher = watcher
        self._parking = parking

    def take(self, source: str, documents: Sequence[bytes], *, last_try: bool = False) -> None:
        """Deals with all of them, one record's trouble being its own.

        Raises StoreError if events could not be dealt with: all documents may then be handed in
        again, which raises no alert twice. In the `last_try` such events are parked instead.
        """
        readings = [sources.read(document) for document in documents]
        events = [event for reading in readings for event in reading.events]
        outcome = self._watcher.handle(events)
        if outcome.failed and not last_try:
            first = next(iter(outcome.failed.values()))
            raise StoreError(f"{len(outcome.failed)} of {len(events)} events failed: {first}")
        put_aside = {events[place].key: reason for place, reason in outcome.failed.items()}
        put_aside |= {events[place].key: _TOO_OLD for place in outcome.too_old}
        for document, reading in zip(documents, readings, strict=True):
            if reading.problems or any(event.key in put_aside for event in reading.events):
                self._park(source, document, put_aside)
        log(
            "handled",
            source=source,
            records=sum(reading.records for reading in readings),
            events=len(events),
            what=_kinds(events),
            parked=sum(len(reading.problems) for reading in readings) + len(put_aside),
        )

    def _park(self, source: str, document: bytes, put_aside: dict[str, str]) -> None:
        """Parks the records of the document that are broken, or whose events are put aside."""
        for record in _records(document):
            reading = sources.read(record)
            reasons = [*reading.problems, *_reasons(reading.events, put_aside)]
            if reasons:
                self._parking.park(source, record, reasons[0])


def _kinds(events: Sequence[RegistryEvent]) -> str:
    """How many of each kind there were, for whoever wonders what Azure tells: "Pull 12, Push 1"."""
    kinds = Counter(type(event.what).__name__ for event in events)
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


def _reasons(events: Sequence[RegistryEvent], put_aside: dict[str, str]) -> Iterator[str]:
    return (put_aside[event.key] for event in events if event.key in put_aside)


def _records(document: bytes) -> Iterator[bytes]:
    """The document's records, each as a document of its own; the document if it has none."""
    try:
        envelope = msgspec.json.decode(document, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        envelope = _Envelope()
    if not envelope.records:
        yield document
    for record in envelope.records or ():
        yield b'{"records":[' + bytes(record) + b"]}"
