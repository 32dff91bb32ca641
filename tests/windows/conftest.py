"""Makes failing assertions in the shared suites as telling as those in test modules."""

import pytest

pytest.register_assert_rewrite(
    "tests.windows.contract", "tests.windows.crowd", "tests.windows.harness"
)
