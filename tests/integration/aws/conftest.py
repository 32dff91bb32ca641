"""Stacks of one's own for tests that run the built functions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.integration.aws import stack as stacks
from tests.integration.aws.stack import Stack


@pytest.fixture(scope="session")
def sqs_endpoint() -> Iterator[str]:
    """The address of an SQS."""
    with stacks.sqs() as endpoint:
        yield endpoint


@pytest.fixture
def new_stack(
    dynamodb_endpoint: str, sqs_endpoint: str, tmp_path: Path
) -> Callable[[], AbstractContextManager[Stack]]:
    """Make a deployment whose environment may be changed before a function is first named."""
    return partial(stacks.stack, dynamodb_endpoint, sqs_endpoint, tmp_path)


@pytest.fixture
def stack(new_stack: Callable[[], AbstractContextManager[Stack]]) -> Iterator[Stack]:
    """A deployment."""
    with new_stack() as made:
        yield made
