"""Compares the state of registries with the last known one, and reports what became worse.

Three things are watched in this way, each a `Question`: whether images are scanned, whether the
logs reach registrywatch, and how exposed the registry is. No event shows them; Azure Resource
Manager is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from registrywatch.azure.state_events import Cause, ended_event, named, of_several
from registrywatch.errors import StateUnknown
from registrywatch.events import RegistryEvent, What
from registrywatch.rows import Row, Rows, contended, write
from registrywatch.sources import azure_names

_ATTEMPTS = 20  # writes of one row, of which another worker's is always first


class State(Protocol):
    """The answer to a question: a struct that can be written as JSON."""

    @property
    def on(self) -> bool:
        """Whether it is as it should be."""


class Question[S: State](msgspec.Struct, frozen=True):
    """Something to ask about registries.

    `ask` yields the state of each, by resource id, or why it is unknown. `ended` returns what to
    report if the state went from the first to the second. `shared`: whether one switch of the
    subscription ended it for all its registries; `together` then adds their names.
    """

    name: str
    kind: type[S]
    ask: Callable[[Iterable[str]], Iterator[tuple[str, S | StateUnknown]]]
    ended: Callable[[str, S, S], Sequence[What]]
    shared: Callable[[What], bool] = lambda _: False
    together: Callable[[What, str], What] = lambda what, _: what


class Survey(msgspec.Struct, frozen=True):
    """The result of a look at several registries: where it is on, where off, and what failed."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


class StateWatch[S: State]:
    """Compares states with the remembered ones.

    `raise_alert` raises the alert of an event, or StoreError. It is called before the new state is
    remembered: a crash in between repeats an alert under the same key instead of losing it.
    """

    def __init__(
        self,
        question: Question[S],
        rows: Rows,
        raise_alert: Callable[[RegistryEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._question = question
        self._rows = rows
        self._raise_alert = raise_alert
        self._clock = clock

    def look(self, registries: Iterable[str], cause: Cause | None = None) -> Survey:
        """Read the state of each registry (resource ids), report and remember what changed.

        If one switch ended something for several registries of a subscription, it is reported once.
        Raises StoreError if the memory or the alert queue fails; it may then be repeated.
        """
        seen_at = self._clock()
        states: list[tuple[str, S]] = []
        unknown: list[tuple[str, str]] = []
        for registry, state in self._question.ask(registries):
            if isinstance(state, StateUnknown):
                unknown.append((registry, str(state)))
            else:
                states.append((registry, state))
        self._report_together(states, seen_at, cause)
        for registry, state in states:
            self._compare(registry, state, seen_at, self._raise_alert, cause)
        on = tuple(registry for registry, state in states if state.on)
        off = tuple(registry for registry, state in states if not state.on)
        return Survey(on, off, tuple(unknown))

    def remembered(self, registry: str) -> S | None:
        """The state when it was last looked at; None if it never was. Raises StoreError."""
        row = self._rows.get(registry.lower())
        return None if row is None else self._remembered(row)[0]

    def assume(self, registry: str, state: S) -> None:
        """Remember a state that was already reported. Raises StoreError."""
        self._compare(registry, state, self._clock(), _silence, None)

    def _report_together(
        self, states: Sequence[tuple[str, S]], seen_at: float, cause: Cause | None
    ) -> None:
        """Report once what a switch of a subscription ended, and remember it for each registry."""
        together: dict[tuple[str | None, What], dict[str, tuple[S, Row]]] = {}
        for registry, state in states:
            row = self._rows.get(registry.lower())
            if row is None or _is_newer(row, seen_at):
                continue
            ended = self._question.ended(registry, self._remembered(row)[0], state)
            for what in ended[:1] if len(ended) == 1 else ():
                if self._question.shared(what):
                    key = (azure_names.subscription(registry), what)
                    together.setdefault(key, {})[registry.lower()] = (state, row)
        for (_, what), found in together.items():
            if len(found) == 1:
                continue
            registries = sorted(found)
            version = self._remembered(found[registries[0]][1])[1]
            first = self._event(registries[0], version, 0, what, cause)
            merged = self._question.together(what, named(registries))
            self._raise_alert(of_several(first, merged))
            for registry, (state, row) in found.items():
                version = self._remembered(row)[1]
                write(
                    self._rows, registry, self._values(registry, state, version + 1, seen_at), row
                )

    def _compare(
        self,
        registry: str,
        state: S,
        seen_at: float,
        raise_alert: Callable[[RegistryEvent], None],
        cause: Cause | None,
    ) -> None:
        """Compare with what is remembered. A look that began earlier never overwrites a later one.

        The state that it has read may have ended in the meantime; the later look has reported that.
        """
        for _ in range(_ATTEMPTS):
            row = self._rows.get(registry.lower())
            version = -1
            if row is not None:
                before, version = self._remembered(row)
                if before == state or _is_newer(row, seen_at):
                    return
                for number, what in enumerate(self._question.ended(registry, before, state)):
                    raise_alert(self._event(registry, version, number, what, cause))
            now = self._values(registry, state, version + 1, seen_at)
            if write(self._rows, registry.lower(), now, row):
                return
        raise contended(f"{self._question.name} of {registry}", _ATTEMPTS)

    def _event(
        self, registry: str, version: int, number: int, what: What, cause: Cause | None
    ) -> RegistryEvent:
        place = (self._question.name, version, number)
        return ended_event(registry, place, what, cause, self._clock())

    def _remembered(self, row: Row) -> tuple[S, int]:
        state = msgspec.json.decode(str(row.values["state"]), type=self._question.kind)
        return state, int(row.values["version"])

    def _values(
        self, registry: str, state: S, version: int, seen_at: float
    ) -> dict[str, str | int | float]:
        text = msgspec.json.encode(state).decode()
        return {"registry": registry, "state": text, "version": version, "seen_at": seen_at}


def _is_newer(row: Row, seen_at: float) -> bool:
    """Whether the row was stored by a look that began later."""
    return float(row.values.get("seen_at", 0.0)) > seen_at


def _silence(_event: RegistryEvent) -> None:
    """Report nothing."""
