"""The components that the real tests stand on are there and do what they are there for."""

import boto3
import pytest

pytestmark = pytest.mark.real


def test_dynamodb_local_answers_inside_a_network_of_its_own(dynamodb_endpoint: str) -> None:
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_endpoint,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_table(
        TableName="probe",
        KeySchema=[{"AttributeName": "g", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert "probe" in client.list_tables()["TableNames"]
