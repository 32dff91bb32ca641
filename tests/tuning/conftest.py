"""No settings of the developer's, and the collector as it was, which `replay` tunes for itself."""

import gc
import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("REGISTRYWATCH_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
