"""What all tests share."""

import functools
import os
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import settings

# A deadline would measure how busy the machine is; what must be fast has tests that say so.
# The gate tries the same examples every time, so that it judges the change; elsewhere new ones.
# Forty of them find what hundreds find, a few runs later.
settings.register_profile(
    "registrywatch", deadline=None, derandomize="CI" in os.environ, max_examples=40
)
settings.load_profile("registrywatch")

# An assertion in a suite or builder that tests share tells as much as one in a test.
pytest.register_assert_rewrite(
    *(
        f"tests.{name}"
        for name in ("aws", "azure", "builders", "delivery", "integration", "windows")
    )
)


FIRST = (
    "tests/sources/test_parallel.py",
    "tests/sources/remote/test_buckets.py",
    "tests/test_chaos.py",
    "tests/test_contributing.py",
    "tests/test_packaging.py",
)
"""The files that begin: those that fork, which costs more the more memory a process has; then those
of few tests that take seconds, else one worker would end long after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of FIRST before all others, which keep their order."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(FIRST)))


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> None:
    """The models of AWS's services are read once, not once for each session of the SDK."""
    botocore.session.create_loader = functools.cache(create_loader)


@pytest.fixture
def moto() -> Iterator[None]:
    """A fresh AWS account in memory."""
    from tests.builders.moto import aws_in_memory

    with aws_in_memory():
        yield
