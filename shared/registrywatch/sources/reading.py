"""What was read of a document: events, and everything that did not become one."""

import msgspec

from registrywatch.events import RegistryEvent

MOST_KINDS = 50
"""How many kinds of other or unknown documents are counted separately; the input names them."""
_FURTHER = "further kinds"


class Problem(msgspec.Struct, frozen=True):
    """Something that can't be read. `line` counts from 0, at the beginning of the document.

    `record` is the smallest part of the document that holds it, as JSON if possible.
    """

    text: str
    line: int = 0
    record: bytes = b""

    def __str__(self) -> str:
        return self.text


class Seen(msgspec.Struct):
    """How many documents of a kind there were, and the line of the first, as in `Problem`."""

    count: int = 0
    line: int = 0


class Reading(msgspec.Struct):
    """What was read.

    `problems`: records that some rule may read but that can't be decoded. `records` counts
    everything of a known form, whether or not a rule reads it. `other`: what was recognised but
    holds no events of registries, by the name of its kind. `unknown`: documents and records that
    were not understood, by a description; events may be among them.
    """

    events: list[RegistryEvent] = []
    problems: list[Problem] = []
    records: int = 0
    other: dict[str, int] = {}
    unknown: dict[str, Seen] = {}

    def extend(self, other: "Reading", line: int = 0) -> None:
        """Add everything in another reading, which began `line` lines further down."""
        self.events += other.events
        self.records += other.records
        if other.problems:
            self.problems += [
                msgspec.structs.replace(each, line=each.line + line) if line else each
                for each in other.problems
            ]
        for kind, count in other.other.items():
            self.skip(kind, count)
        for kind, seen in other.unknown.items():
            self.not_understood(kind, seen.line + line, seen.count)

    def add(self, event: RegistryEvent | None) -> None:
        """Count a record, and keep its event if there is one."""
        self.records += 1
        if event is not None:
            self.events.append(event)

    def skip(self, kind: str, count: int = 1) -> None:
        """Count something that is recognised but holds no event of a registry."""
        if kind not in self.other and len(self.other) >= MOST_KINDS:
            kind = _FURTHER
        self.other[kind] = self.other.get(kind, 0) + count

    def not_understood(self, kind: str, line: int = 0, count: int = 1) -> None:
        """Count a document or record of no known kind."""
        if kind not in self.unknown and len(self.unknown) >= MOST_KINDS:
            kind = _FURTHER
        seen = self.unknown.setdefault(kind, Seen(0, line))
        seen.count += count
        seen.line = min(seen.line, line)
