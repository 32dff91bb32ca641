"""From documents to events to the detector: the same for every function of both clouds.

The caller turns the result into its cloud's terms: partial failures of a batch, an exception, a
record parked in a queue.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from registrywatch import sources
from registrywatch.detector import Outcome
from registrywatch.events import RegistryEvent
from registrywatch.sources import Reading

TOO_OLD = "too late: the counts of its time are no longer kept"
UNKNOWN = (
    "not understood: expected an event of EventBridge or Event Grid, a CloudTrail record, records "
    "of Azure Monitor, or an array or log file of these"
)

type Detect = Callable[[Sequence[RegistryEvent]], Outcome]


class Rejected(msgspec.Struct, frozen=True):
    """A record that no further attempt can help, as its own document, and why."""

    record: bytes
    reason: str


class Ingested(msgspec.Struct, frozen=True):
    """What became of documents, by their place in the batch.

    `failed` documents may be handled again, which raises no alert twice; `rejected` records are to
    be parked. Everything else was handled. A failed document has no rejected records yet: its other
    records come first.
    """

    events: tuple[RegistryEvent, ...]
    records: int
    failed: Mapping[int, str]
    rejected: Mapping[int, tuple[Rejected, ...]]

    @property
    def reasons(self) -> list[str]:
        """Why documents failed, each reason once."""
        return list(dict.fromkeys(self.failed.values()))

    @property
    def set_aside(self) -> int:
        """How many records are rejected."""
        return sum(map(len, self.rejected.values()))

    @property
    def kinds(self) -> str:
        """How many events of each kind there were, such as "Pull 12, Push 1"."""
        kinds = Counter(type(event.what).__name__ for event in self.events)
        return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


def ingest(documents: Sequence[bytes], detect: Detect, *, last_try: bool = False) -> Ingested:
    """Handle a batch of documents; a record that fails affects no other.

    In the `last_try` nothing is `failed`: what fails is rejected, with the reason.
    """
    readings = [sources.read(document) for document in documents]
    events = tuple(event for reading in readings for event in reading.events)
    owners = [place for place, reading in enumerate(readings) for _ in reading.events]
    outcome = detect(events)
    failed = {owners[at]: reason for at, reason in outcome.failed.items()}
    hopeless = {events[at].key: TOO_OLD for at in outcome.too_old}
    if last_try:
        hopeless |= {events[at].key: reason for at, reason in outcome.failed.items()}
        failed = {}
    rejected = {}
    for place, (document, reading) in enumerate(zip(documents, readings, strict=True)):
        if place not in failed and (found := _rejected(document, reading, hopeless)):
            rejected[place] = found
    return Ingested(events, sum(reading.records for reading in readings), failed, rejected)


def _rejected(
    document: bytes, reading: Reading, hopeless: Mapping[str, str]
) -> tuple[Rejected, ...]:
    """The records of a document that are broken or unknown, or whose events are in `hopeless`.

    If a document is not JSON but records were read in it, only the broken parts are rejected.
    """
    if not _reasons(document, reading, hopeless):
        return ()
    if reading.problems and reading.records and not _is_json(document):
        broken = [Rejected(each.record, each.text) for each in reading.problems]
        sound = msgspec.structs.replace(reading, problems=[])
        reasons = _reasons(document, sound, hopeless)
        return (*broken, *([Rejected(document, "; ".join(reasons))] if reasons else ()))
    return tuple(
        Rejected(record, "; ".join(dict.fromkeys(reasons)))
        for record in _records(document)
        if (reasons := _reasons(record, sources.read(record), hopeless))
    )


def _reasons(document: bytes, reading: Reading, hopeless: Mapping[str, str]) -> list[str]:
    reasons = [each.text for each in reading.problems]
    nothing = not (reading.records or reasons) and not _is_empty(_envelope(document))
    if reading.unknown or nothing:
        reasons.append(UNKNOWN)
    return reasons + [hopeless[each.key] for each in reading.events if each.key in hopeless]


def _is_json(document: bytes) -> bool:
    try:
        msgspec.json.decode(document, type=msgspec.Raw)
        document.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


class _Envelope(msgspec.Struct):
    """Lists of records, by the names of Azure Monitor and CloudTrail."""

    records: list[msgspec.Raw] | None = None
    Records: list[msgspec.Raw] | None = None


def _envelope(document: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(document, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Envelope()


def _is_empty(envelope: _Envelope) -> bool:
    """Whether it is an empty list of records: then nothing is lost."""
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
