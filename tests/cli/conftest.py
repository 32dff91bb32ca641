"""What the tests of the command line share: no settings of the developer's, one way to run it."""

import gc
import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings, no terminal; and the collector as it was, which `replay` tunes for itself."""
    for name in [name for name in os.environ if name.startswith("REGISTRYWATCH_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
