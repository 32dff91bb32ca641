"""The last state of a thing before an event, for rules that compare the two.

A memory keeps the first value of a key, so each state gets a key of its own, numbered. States are
compared by their events' time: an event that arrives late, or twice, changes nothing.
"""

from typing import Any

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import AnyRule

_MOST = 100  # states of one thing that are compared; a thing with more changes than that is noise


def with_last_state(rule: AnyRule, event: RegistryEvent, memory: Memory) -> RegistryEvent:
    """The event as the rule judges it: with the last state before it, where that is remembered."""
    remembers = rule.remembers
    subject = remembers.subject(event, event.what) if remembers else None
    if remembers is None or subject is None:
        return event
    before = [each for each in _states(subject, memory) if each[0] < event.time]
    if not before:
        return event
    what: Any = remembers.given(event.what, max(before)[1])
    return msgspec.structs.replace(event, what=what)


def note_state(rule: AnyRule, event: RegistryEvent, memory: Memory) -> None:
    """Remembers the state that the event led to; to be called after its alerts were handed over."""
    remembers = rule.remembers
    subject = remembers.subject(event, event.what) if remembers else None
    if remembers is None or subject is None:
        return
    value = f"{event.time} {remembers.state(event.what)}"
    for number in range(_MOST):
        if memory.keep(f"state {subject} {number}", value, event.time) == value:
            return


def _states(subject: str, memory: Memory) -> list[tuple[float, str]]:
    """Time and state of all changes that are remembered."""
    states: list[tuple[float, str]] = []
    while len(states) < _MOST:
        found = memory.get(f"state {subject} {len(states)}")
        if found is None:
            break
        time, _, state = found.partition(" ")
        states.append((float(time), state))
    return states
