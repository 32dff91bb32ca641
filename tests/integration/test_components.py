"""The components that the real tests stand on are there and do what they are there for."""

import pytest

from tests.builders.dynamodb import local_client, new_table

pytestmark = pytest.mark.real


def test_dynamodb_local_answers_inside_a_network_of_its_own(dynamodb_endpoint: str) -> None:
    client = local_client(dynamodb_endpoint)
    table = new_table(client)
    assert table in client.list_tables()["TableNames"]
