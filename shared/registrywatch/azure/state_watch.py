"""Compares the state of registries with the last known one, and reports what became worse.

Three things are watched in this way, each a `Question`: whether images are scanned, whether the
logs reach registrywatch, and how exposed the registry is. No event shows them; Azure Resource
Manager is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from registrywatch.errors import StateUnknown
from registrywatch.events import Actor, RegistryEvent, What
from registrywatch.rows import Row, Rows
from registrywatch.rules.wording import number_of
from registrywatch.sources import azure_names

MOST_NAMED = 5  # registries in one summary


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


class Cause(msgspec.Struct, frozen=True):
    """The change that caused the look: the provider's event id, its time, who did it."""

    id: str
    time: float
    actor: Actor


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
        together: dict[tuple[str | None, What], list[tuple[str, S, Row]]] = {}
        for registry, state in states:
            row = self._rows.get(registry.lower())
            if row is None or _is_newer(row, seen_at):
                continue
            ended = self._question.ended(registry, self._remembered(row)[0], state)
            for what in ended[:1] if len(ended) == 1 else ():
                if self._question.shared(what):
                    key = (azure_names.subscription(registry), what)
                    together.setdefault(key, []).append((registry, state, row))
        for (subscription, what), found in together.items():
            if len(found) == 1:
                continue
            self._raise_alert(self._shared(subscription, what, found, cause))
            for registry, state, row in found:
                version = self._remembered(row)[1]
                now = self._values(registry, state, version + 1, seen_at)
                self._rows.replace(registry.lower(), now, row.etag)

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
        while True:
            row = self._rows.get(registry.lower())
            if row is None:
                first = self._values(registry, state, 0, seen_at)
                if self._rows.create(registry.lower(), first) is not None:
                    return
                continue
            before, version = self._remembered(row)
            if before == state or _is_newer(row, seen_at):
                return
            for number, what in enumerate(self._question.ended(registry, before, state)):
                raise_alert(self._event(registry, what, (version, number), cause))
            now = self._values(registry, state, version + 1, seen_at)
            if self._rows.replace(registry.lower(), now, row.etag) is not None:
                return

    def _remembered(self, row: Row) -> tuple[S, int]:
        state = msgspec.json.decode(str(row.values["state"]), type=self._question.kind)
        return state, int(row.values["version"])

    def _values(
        self, registry: str, state: S, version: int, seen_at: float
    ) -> dict[str, str | int | float]:
        text = msgspec.json.encode(state).decode()
        return {"registry": registry, "state": text, "version": version, "seen_at": seen_at}

    def _shared(
        self,
        subscription: str | None,
        what: What,
        found: Sequence[tuple[str, S, Row]],
        cause: Cause | None,
    ) -> RegistryEvent:
        """The event about what ended for several registries, with the key of the first."""
        registries = sorted(registry.lower() for registry, _, _ in found)
        rows = {registry.lower(): row for registry, _, row in found}
        version = self._remembered(rows[registries[0]])[1]
        first = self._event(registries[0], what, (version, 0), cause)
        names = [azure_names.registry_name(each) or each for each in registries]
        shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        merged = self._question.together(what, f"{number_of(len(names), 'registry')}: {shown}")
        return msgspec.structs.replace(
            first, key=f"{first.key} and others", account=subscription, registry=None, what=merged
        )

    def _event(
        self, registry: str, what: What, place: tuple[int, int], cause: Cause | None
    ) -> RegistryEvent:
        """The event; its key is the same for every worker that finds the same change.

        `place`: the version of the state that ended, and the number of what ended with it.
        """
        version, number = place
        key = f"{self._question.name} ended {registry.lower()} {version}"
        key += f" {number}" if number else ""
        return RegistryEvent(
            id=cause.id if cause else key,
            key=key,
            time=cause.time if cause else self._clock(),
            cloud="azure",
            account=azure_names.subscription(registry),
            region=None,
            registry=azure_names.login_server(registry),
            repository=None,
            actor=cause.actor if cause else Actor(),
            what=what,
            source="resource-manager",
        )


def _is_newer(row: Row, seen_at: float) -> bool:
    """Whether the row was stored by a look that began later."""
    return float(row.values.get("seen_at", 0.0)) > seen_at


def _silence(_event: RegistryEvent) -> None:
    """Report nothing."""
