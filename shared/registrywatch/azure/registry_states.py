"""The states of the watched registries: scanning, logs, exposure; surveyed together."""

import logging
import random
from collections.abc import Callable

from registrywatch.azure.exposure_state import ExposureState
from registrywatch.azure.log_lines import log
from registrywatch.azure.log_state import LogState
from registrywatch.azure.rechecks import LookAgain
from registrywatch.azure.scan_state import ScanState
from registrywatch.azure.scope import WatchScope
from registrywatch.azure.state_events import Cause
from registrywatch.azure.state_watch import StateWatch, Survey
from registrywatch.events import MonitoringRemoved


class RegistryStates:
    """Reads the three states; `begin_look` starts the time that one look may take."""

    def __init__(
        self,
        watched: WatchScope,
        scanning: StateWatch[ScanState],
        logs: StateWatch[LogState],
        exposure: StateWatch[ExposureState],
        begin_look: Callable[[], object] = lambda: None,
    ) -> None:
        self._watched = watched
        self._scanning = scanning
        self._logs = logs
        self._exposure = exposure
        self._begin_look = begin_look
        self._turn = random.randrange(1000)  # noqa: S311 - workers begin at different registries

    def look(self, look: LookAgain) -> Survey:
        """Read the states that `look` names, of the registries in its scope. Raises StoreError."""
        self._begin_look()
        registries = self._watched.within(look.scope)
        cause = Cause(look.origin.id, look.origin.time, look.origin.actor)
        found = []
        if "scanning" in look.of:
            found.append(self._scanning.look(registries, cause))
        if "logs" in look.of:
            found.append(self._logs.look(registries, cause))
        if "exposure" in look.of:
            found.append(self._exposure.look(registries, cause))
        return _together(*found)

    def look_at_all(self) -> Survey:
        """Read every state of every watched registry. Raises StoreError.

        Each look begins at another registry: if time runs out, not always the same are left out.
        """
        self._begin_look()
        self._turn += 1
        every = self._watched.registries
        start = self._turn % max(len(every), 1)
        registries = (*every[start:], *every[:start])
        return _together(
            self._scanning.look(registries),
            self._logs.look(registries),
            self._exposure.look(registries),
        )

    def note_removed(self, removed: MonitoringRemoved) -> None:
        """Remember that a registry's logs no longer arrive, if only this setting sent them.

        The event about the setting has been judged already. Raises StoreError.
        """
        for registry in self._watched.registries:
            if removed.resource.startswith(f"{registry.lower()}/"):
                before = self._logs.remembered(registry)
                name = removed.resource.rpartition("/")[2]
                if before is not None and before.on and before.by == (name,):
                    self._logs.assume(registry, LogState(on=False))


def _together(*found: Survey) -> Survey:
    """All surveys as one; states that can't be read are logged."""
    survey = Survey(
        on=tuple(each for one in found for each in one.on),
        off=tuple(each for one in found for each in one.off),
        unknown=tuple(each for one in found for each in one.unknown),
    )
    for registry, reason in survey.unknown:
        log("state_unreadable", level=logging.ERROR, registry=registry, reason=reason)
    return survey
