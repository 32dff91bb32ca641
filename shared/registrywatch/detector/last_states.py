"""The last state of a thing before an event, for rules that compare the two.

A memory keeps the first value of a key and forgets it later, so the states of a thing are kept in a
few numbered places. They are compared by their events' time: an event that arrives late, or twice,
changes nothing. A state that is the same as the last one is stored again only after a while, so
that repetitions never need more than half of the places.
"""

from typing import Any

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import AnyRule
from registrywatch.times import DAY

KIND = "last"
"""The kind of the rows that hold states for all workers of a deployment."""
PLACES = 16  # changes of one thing that are kept


def with_last_state(rule: AnyRule, event: RegistryEvent, memory: Memory) -> RegistryEvent:
    """The event as the rule judges it: with the last state before it, if that is remembered."""
    remembers = rule.remembers
    subject = remembers.subject(event, event.what) if remembers else None
    if remembers is None or subject is None:
        return event
    before = _before(event.time - remembers.at_least, _states(subject, memory))
    if before is None:
        return event
    what: Any = remembers.given(event.what, before[1])
    return msgspec.structs.replace(event, what=what)


def note_state(rule: AnyRule, event: RegistryEvent, memory: Memory) -> None:
    """Remember the state that the event led to; to be called after its alerts were handed over."""
    remembers = rule.remembers
    subject = remembers.subject(event, event.what) if remembers else None
    if remembers is None or subject is None:
        return
    state = remembers.state(event.what)
    last = _before(event.time, _states(subject, memory))
    again = max(DAY, memory.lasts * 2 / PLACES)
    if last is not None and last[1] == state and event.time - last[0] < again:
        return
    value = f"{event.time} {state}"
    for place in range(PLACES):
        if memory.keep(_key(subject, place), value, event.time) == value:
            return


def _before(time: float, states: list[tuple[float, str]]) -> tuple[float, str] | None:
    return max((each for each in states if each[0] < time), default=None)


def _states(subject: str, memory: Memory) -> list[tuple[float, str]]:
    """Time and state of all changes that are remembered."""
    states: list[tuple[float, str]] = []
    for place in range(PLACES):
        found = memory.get(_key(subject, place))
        if found is not None:
            time, _, state = found.partition(" ")
            states.append((float(time), state))
    return states


def _key(subject: str, place: int) -> str:
    return f"state {subject} {place}"
