"""The detector as it runs on one machine: windows and memory in this process."""

import os
import time
from collections.abc import Callable

from registrywatch import settings
from registrywatch.detector import Detector
from registrywatch.rules import CATALOGUE
from registrywatch.settings import Settings
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter


def local_settings() -> Settings:
    """The settings in the environment of this process. Raises SettingsError."""
    return settings.parse(os.environ)


def local_detector(tuned: Settings, hand_over: Callable[[bytes], None]) -> Detector:
    """A detector that gives each alert's body to `hand_over` as it is raised."""
    counter = Counter(MemoryStore(), hand_over, time.time)
    return Detector(CATALOGUE, tuned.tunings, tuned.trust, counter, hand_over)
