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


def local_acquaintances(tuned: Settings) -> Acquaintances:
    """What is familiar to whom, in this process; nothing as yet."""
    return Acquaintances(
        MemoryAcquaintances(),
        memory_days=tuned.memory_days,
        learning_days=tuned.learning_days,
        most_cached=0,
    )


def local_detector(
    tuned: Settings, hand_over: HandOver, known: Acquaintances | None = None
) -> Detector:
    """A detector whose alerts go to `hand_over`; `known` is familiar to it, else nothing is yet."""
    return Detector(
        CATALOGUE,
        tuned.tunings,
        tuned.trust,
        Counter(MemoryStore(), time.time),
        hand_over,
        acquaintances=local_acquaintances(tuned) if known is None else known,
    )
