"""Exact sliding counts: the meaning, the protocol, and the stores behind it."""

from registrywatch.windows.cache import SightingCache
from registrywatch.windows.claims import Claim
from registrywatch.windows.meaning import Window, group_digest
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter, Store

__all__ = [
    "Claim",
    "Counter",
    "MemoryStore",
    "SightingCache",
    "Store",
    "Window",
    "group_digest",
]
