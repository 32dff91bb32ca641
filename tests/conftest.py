"""What all tests share."""

import pytest
from hypothesis import settings

# A deadline would measure how busy the machine is; what must be fast has tests that say so.
settings.register_profile("registrywatch", deadline=None)
settings.load_profile("registrywatch")

# An assertion in a suite or builder that tests share tells as much as one in a test.
pytest.register_assert_rewrite(
    *(f"tests.{name}" for name in ("aws", "azure", "builders", "delivery", "real", "windows"))
)
