"""The detector as it runs on one machine: windows and memory in this process."""

import os
import time

from registrywatch import settings
from registrywatch.detector import Detector, HandOver
from registrywatch.rules import CATALOGUE
from registrywatch.settings import Settings
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter


def local_settings() -> Settings:
    """The settings in the environment of this process. Raises SettingsError."""
    return settings.parse(os.environ)


def local_detector(
    tuned: Settings, hand_over: HandOver, known: MemoryAcquaintances | None = None
) -> Detector:
    """A detector that gives each alert to `hand_over` as it is raised.

    It starts with what is `known`, and adds to it.
    """
    counter = Counter(MemoryStore(), time.time)
    acquaintances = Acquaintances(
        MemoryAcquaintances() if known is None else known,
        memory_days=tuned.memory_days,
        learning_days=tuned.learning_days,
        most_cached=0,
    )
    return Detector(
        CATALOGUE, tuned.tunings, tuned.trust, counter, hand_over, acquaintances=acquaintances
    )
