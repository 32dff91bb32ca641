"""Reads documents and gives their events to the detector; all functions of both clouds use it.

The caller turns the result into the terms of its cloud: partial failures of a batch, an exception,
a record in a dead-letter queue.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from registrywatch import sources
from registrywatch.detector import Outcome
from registrywatch.events import RegistryEvent
from registrywatch.sources import Reading

TOO_OLD = "too late: the counts of that time are no longer kept"
UNKNOWN = (
    "not understood: expected an event of EventBridge or Event Grid, a CloudTrail record, records "
    "of Azure Monitor, or an array or log file of these"
)

type Detect = Callable[[Sequence[RegistryEvent]], Outcome]


class Rejected(msgspec.Struct, frozen=True):
    """A record that no retry can handle, as its own document, and the reason."""

    record: bytes
    reason: str


class Ingested(msgspec.Struct, frozen=True):
    """The result for a batch of documents, by their place in it.

    The caller retries `failed` documents, which raises no alert twice, and puts `rejected` records
    into a dead-letter queue. Everything else was handled. A failed document has no rejected records
    yet: the retry finds them.
    """

    events: tuple[RegistryEvent, ...]
    records: int
    failed: Mapping[int, str]
    rejected: Mapping[int, tuple[Rejected, ...]]

    @property
    def reasons(self) -> list[str]:
        """The reasons why documents failed, each once."""
        return list(dict.fromkeys(self.failed.values()))

    @property
    def set_aside(self) -> int:
        """How many records are rejected."""
        return sum(map(len, self.rejected.values()))

    @property
    def kinds(self) -> str:
        """The number of events of each kind, such as "Pull 12, Push 1"."""
        kinds = Counter(type(event.what).__name__ for event in self.events)
        return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


def ingest(documents: Sequence[bytes], detect: Detect, *, last_try: bool = False) -> Ingested:
    """Handle a batch of documents; a record that fails affects no other.

    On the `last_try`, nothing is `failed`: what fails is rejected, with the reason.
    """
    readings = [sources.read(document) for document in documents]
    events = tuple(event for reading in readings for event in reading.events)
    owners = [place for place, reading in enumerate(readings) for _ in reading.events]
    outcome = detect(events)
    failed = {owners[at]: reason for at, reason in outcome.failed.items()}
    given_up = {events[at].key: TOO_OLD for at in outcome.too_old}
    if last_try:
        given_up |= {events[at].key: reason for at, reason in outcome.failed.items()}
        failed = {}
    rejected = {}
    for place, (document, reading) in enumerate(zip(documents, readings, strict=True)):
        if place not in failed and (found := _rejected(document, reading, given_up)):
            rejected[place] = found
    return Ingested(events, sum(reading.records for reading in readings), failed, rejected)


def _rejected(
    document: bytes, reading: Reading, given_up: Mapping[str, str]
) -> tuple[Rejected, ...]:
    """The records of a document that are broken or unknown, or whose events are `given_up`.

    If a document as a whole is not JSON, but some of its records were read, only the broken parts
    are rejected.
    """
    if not _reasons(document, reading, given_up):
        return ()
    if reading.problems and reading.records and not _is_json(document):
        broken = [Rejected(each.record, each.text) for each in reading.problems]
        sound = msgspec.structs.replace(reading, problems=[])
        reasons = _reasons(document, sound, given_up)
        return (*broken, *([Rejected(document, "; ".join(reasons))] if reasons else ()))
    return tuple(
        Rejected(record, "; ".join(dict.fromkeys(reasons)))
        for record in _records(document)
        if (reasons := _reasons(record, sources.read(record), given_up))
    )


def _reasons(document: bytes, reading: Reading, given_up: Mapping[str, str]) -> list[str]:
    reasons = [each.text for each in reading.problems]
    nothing = not (reading.records or reasons) and not _is_empty(_envelope(document))
    if reading.unknown or nothing:
        reasons.append(UNKNOWN)
    return reasons + [given_up[each.key] for each in reading.events if each.key in given_up]


def _is_json(document: bytes) -> bool:
    try:
        msgspec.json.decode(document, type=msgspec.Raw)
        document.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


class _Envelope(msgspec.Struct):
    """The lists of records of Azure Monitor (`records`) and CloudTrail (`Records`)."""

    records: list[msgspec.Raw] | None = None
    Records: list[msgspec.Raw] | None = None


def _envelope(document: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(document, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Envelope()


def _is_empty(envelope: _Envelope) -> bool:
    """Whether it is an empty list of records, so that nothing is lost."""
    return envelope.records == [] or envelope.Records == []


def _records(document: bytes) -> Iterator[bytes]:
    """The document's records, each as its own document; the document itself if it has none."""
    envelope = _envelope(document)
    for name, found in (("records", envelope.records), ("Records", envelope.Records)):
        if found:
            for record in found:
                yield b'{"%s":[%s]}' % (name.encode(), bytes(record))
            return
    yield document
