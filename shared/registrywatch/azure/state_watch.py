"""Remembers how a registry's state was when last looked, and reports what got worse since.

Three things are watched so, each a `Question`: whether images are scanned, whether the logs reach
registrywatch, and how open the registry is. No event shows them; Azure Resource Manager is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from registrywatch.errors import StateUnknown
from registrywatch.events import Actor, RegistryEvent, What
from registrywatch.rows import Row, Rows
from registrywatch.sources import azure_names


class State(Protocol):
    """What a question is answered with: a struct that can be written as JSON."""

    @property
    def on(self) -> bool:
        """Whether it is as it should be."""


class Question[S: State](msgspec.Struct, frozen=True):
    """Something to be asked about registries.

    `ask` gives the state of each, by resource id, or why it is unknown. `ended` is what happened if
    the state went from the first to the second, as far as it is to be reported.
    """

    name: str
    kind: type[S]
    ask: Callable[[Iterable[str]], Iterator[tuple[str, S | StateUnknown]]]
    ended: Callable[[str, S, S], Sequence[What]]


class Cause(msgspec.Struct, frozen=True):
    """The change that made us look: the provider's event id, its time, who did it."""

    id: str
    time: float
    actor: Actor


class Looked(msgspec.Struct, frozen=True):
    """What a look at several registries brought: where it is on, where off, and what failed."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


class StateWatch[S: State]:
    """Compares states with the remembered ones.

    `tell` takes an event and raises its alert; it may raise StoreError. It is called before the new
    state is remembered, so that a crash between the two repeats an alert under the same key instead
    of losing it.
    """

    def __init__(
        self,
        question: Question[S],
        rows: Rows,
        tell: Callable[[RegistryEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._question = question
        self._rows = rows
        self._tell = tell
        self._clock = clock

    def look(self, registries: Iterable[str], cause: Cause | None = None) -> Looked:
        """Asks for the state of each registry (resource ids), tells and remembers what changed.

        Raises StoreError if the memory or the alert queue fails; looking again is harmless then.
        """
        on: list[str] = []
        off: list[str] = []
        unknown: list[tuple[str, str]] = []
        for registry, state in self._question.ask(registries):
            if isinstance(state, StateUnknown):
                unknown.append((registry, str(state)))
                continue
            self._compare(registry, state, self._tell, cause)
            (on if state.on else off).append(registry)
        return Looked(tuple(on), tuple(off), tuple(unknown))

    def remembered(self, registry: str) -> S | None:
        """The state when it was last looked at; None if it never was. Raises StoreError."""
        row = self._rows.get(registry.lower())
        return None if row is None else self._remembered(row)[0]

    def assume(self, registry: str, state: S) -> None:
        """Remembers a state of which somebody has told already. Raises StoreError."""
        self._compare(registry, state, _silence, None)

    def _compare(
        self,
        registry: str,
        state: S,
        tell: Callable[[RegistryEvent], None],
        cause: Cause | None,
    ) -> None:
        while True:
            row = self._rows.get(registry.lower())
            if row is None:
                if (
                    self._rows.create(registry.lower(), self._values(registry, state, 0))
                    is not None
                ):
                    return
                continue
            before, version = self._remembered(row)
            if before == state:
                return
            for number, what in enumerate(self._question.ended(registry, before, state)):
                tell(self._event(registry, what, (version, number), cause))
            now = self._values(registry, state, version + 1)
            if self._rows.replace(registry.lower(), now, row.etag) is not None:
                return

    def _remembered(self, row: Row) -> tuple[S, int]:
        state = msgspec.json.decode(str(row.values["state"]), type=self._question.kind)
        return state, int(row.values["version"])

    def _values(self, registry: str, state: S, version: int) -> dict[str, str | int | float]:
        text = msgspec.json.encode(state).decode()
        return {"registry": registry, "state": text, "version": version}

    def _event(
        self, registry: str, what: What, place: tuple[int, int], cause: Cause | None
    ) -> RegistryEvent:
        """The event; its key is the same for every worker that finds the same change.

        `place`: the version of the state that ended, and which of the things that ended with it.
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


def _silence(_event: RegistryEvent) -> None:
    """Tells nobody."""
