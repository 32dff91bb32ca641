"""Servers that the real tests share; each is started once, when the first test asks for it."""

from collections.abc import Iterator

import pytest

from tests.integration.azurite import azurite
from tests.integration.dynamodb import dynamodb_local


@pytest.fixture(scope="session")
def dynamodb_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a DynamoDB Local; tests keep to tables of their own making."""
    with dynamodb_local(tmp_path_factory.mktemp("dynamodb")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def azurite_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of an Azurite; tests keep to tables and queues of their own making."""
    with azurite(tmp_path_factory.mktemp("azurite")) as connection:
        yield connection
