"""DynamoDB for tests: a client of a local server, and a table like those of template.yaml."""

import uuid
from typing import Any

import boto3
from botocore.config import Config


def local_client(endpoint: str) -> Any:
    """A client of DynamoDB Local, with enough connections for a crowd of workers."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
        config=Config(max_pool_connections=32),
    )


def new_table(client: Any) -> str:
    """Create an empty table with a random name; returns the name."""
    name = f"registrywatch-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "g", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "g", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
