"""Remembers whether each registry was scanned when last looked, and tells when that ended."""

from collections.abc import Callable, Iterable

import msgspec

from registrywatch.azure.arm import Arm
from registrywatch.azure.rows import Row, Rows
from registrywatch.azure.scan_state import ScanState, ask, what_stopped
from registrywatch.errors import StateUnknown
from registrywatch.events import Actor, RegistryEvent, ScanningStopped
from registrywatch.sources import azure_names

_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(ScanState).decode


class Cause(msgspec.Struct, frozen=True):
    """The change of a plan that made us look: the provider's event id, its time, who did it."""

    id: str
    time: float
    actor: Actor


class Looked(msgspec.Struct, frozen=True):
    """What a look at several registries brought: who is scanned, who is not, and what failed."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


class ScanWatch:
    """Compares a registry's state with the remembered one.

    `tell` takes an event ScanningStopped and raises its alert; it may raise StoreError. It is
    called before the new state is remembered, so that a crash between the two repeats an alert
    under the same key instead of losing it.
    """

    def __init__(
        self,
        arm: Arm,
        rows: Rows,
        tell: Callable[[RegistryEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._arm = arm
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
        for registry, state in ask(self._arm, registries):
            if isinstance(state, StateUnknown):
                unknown.append((registry, str(state)))
                continue
            self._compare(registry, state, cause)
            (on if state.on else off).append(registry)
        return Looked(tuple(on), tuple(off), tuple(unknown))

    def _compare(self, registry: str, state: ScanState, cause: Cause | None) -> None:
        while True:
            row = self._rows.get(registry.lower())
            if row is None:
                if self._rows.create(registry.lower(), _values(registry, state, 0)):
                    return
                continue
            before, version = _decode(str(row.values["state"])), int(row.values["version"])
            if before == state:
                return
            switch = what_stopped(before, state)
            if switch is not None:
                self._tell(self._event(registry, switch, version, cause))
            if self._remember(registry, state, version + 1, row):
                return

    def _remember(self, registry: str, state: ScanState, version: int, row: Row) -> bool:
        return self._rows.replace(registry.lower(), _values(registry, state, version), row.etag)

    def _event(
        self, registry: str, switch: str, version: int, cause: Cause | None
    ) -> RegistryEvent:
        """The event; its key is the same for whoever finds the state in this version gone off."""
        key = f"scanning stopped {registry.lower()} {version}"
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
            what=ScanningStopped(switch),
            source="resource-manager",
        )


def _values(registry: str, state: ScanState, version: int) -> dict[str, str | int | float]:
    return {"registry": registry, "state": _encode(state).decode(), "version": version}
