"""Settings and fixtures of all tests."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: it would depend on the load of the machine.
# CI tries the same examples every time, so that a failure comes from the change; elsewhere they
# are random. Forty examples find what hundreds find, a few runs later.
settings.register_profile(
    "registrywatch", deadline=None, derandomize="CI" in os.environ, max_examples=40
)
settings.load_profile("registrywatch")

# Assertions in shared suites and builders show as much detail as those in tests.
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
"""The files that run first: those that fork, because forking costs more as a process grows; then
those with few, long tests, so that all workers end at about the same time."""


REAL = Path(__file__).parent / "integration"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folder that has real tests alone where none is wanted: it imports servers."""
    return True if collection_path == REAL and config.option.markexpr == "not real" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of FIRST before all others, which keep their order."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(FIRST)))


@pytest.fixture(scope="session", autouse=True)
def computed_once() -> None:
    """The models of AWS's services, and an SDK's name for itself: not for each call."""
    import botocore.session  # only where tests run: not in the process that starts the workers
    from botocore.loaders import create_loader
    from botocore.useragent import UserAgentString

    botocore.session.create_loader = functools.cache(create_loader)
    UserAgentString.to_string = functools.cache(UserAgentString.to_string)


@pytest.fixture
def moto() -> Iterator[None]:
    """A fresh AWS account in memory."""
    from tests.builders.moto import aws_in_memory

    with aws_in_memory():
        yield
