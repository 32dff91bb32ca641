"""The rows that the fast tests use keep the contract of real ones."""

from typing import Any

import pytest

from tests.azure.given import RowsInMemory
from tests.azure.rows_contract import RowsContract


class TestRowsInMemory(RowsContract):
    @pytest.fixture
    def rows(self) -> Any:
        return RowsInMemory()
