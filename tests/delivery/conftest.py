"""AWS as moto plays it, for the tests of this folder."""

from typing import Any

import boto3
import pytest


@pytest.fixture
def sqs(moto: None) -> Any:
    return boto3.client("sqs")
