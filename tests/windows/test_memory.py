"""The memory store keeps the contract, and its bounds."""

import pytest

from registrywatch.windows import MemoryStore
from tests.windows.contract import OpenStore, StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        store = MemoryStore()
        return lambda: store
