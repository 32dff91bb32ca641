"""SecretStore: looked up where they are kept, and never shown."""

from typing import Any

import boto3
import pytest
from rich.pretty import pretty_repr

from registrywatch.delivery import SecretRef, SecretStore
from registrywatch.errors import SecretError
from tests.delivery.world import webhook


@pytest.fixture
def aws(moto: None) -> Any:
    return lambda service: boto3.client(service)


def test_a_value_is_itself() -> None:
    assert SecretStore().value(SecretRef(" https://example.test/a\n")) == "https://example.test/a"


def test_a_parameter_is_looked_up_and_decrypted(aws: Any) -> None:
    aws("ssm").put_parameter(Name="/rw/slack", Value="https://x.test\n", Type="SecureString")
    assert SecretStore(aws).value(SecretRef("ssm:/rw/slack")) == "https://x.test"


def test_a_secret_is_looked_up(aws: Any) -> None:
    arn = aws("secretsmanager").create_secret(Name="rw/key", SecretString="s3cret")["ARN"]
    assert SecretStore(aws).value(SecretRef("secretsmanager:rw/key")) == "s3cret"
    assert SecretStore(aws).value(SecretRef(f"secretsmanager:{arn}")) == "s3cret"


def test_it_is_remembered_until_it_is_refreshed(aws: Any) -> None:
    ssm = aws("ssm")
    ssm.put_parameter(Name="/rw/key", Value="old", Type="SecureString")
    now = [0.0]
    secrets, secret = SecretStore(aws, lambda: now[0]), SecretRef("ssm:/rw/key")
    assert secrets.value(secret) == "old"
    ssm.put_parameter(Name="/rw/key", Value="new", Type="SecureString", Overwrite=True)
    assert secrets.value(secret) == "old"
    secrets.refresh(secret)
    assert secrets.value(secret) == "new"


def test_it_is_looked_up_again_at_most_once_a_minute(aws: Any) -> None:
    ssm, now = aws("ssm"), [0.0]
    secrets, secret = SecretStore(aws, lambda: now[0]), SecretRef("ssm:/rw/key")
    for value in ("one", "two", "three"):
        ssm.put_parameter(Name="/rw/key", Value=value, Type="SecureString", Overwrite=True)
        secrets.refresh(secret)
        now[0] += 30
    assert secrets.value(secret) == "three", "at 0, not at 30, at 60 seconds"
    ssm.put_parameter(Name="/rw/key", Value="four", Type="SecureString", Overwrite=True)
    secrets.refresh(secret)
    assert secrets.value(secret) == "three"


@pytest.mark.parametrize("reference", ["ssm:/rw/missing", "secretsmanager:rw/missing"])
def test_one_that_is_not_there_is_named_with_the_reason(aws: Any, reference: str) -> None:
    with pytest.raises(SecretError, match=f"{reference} can't be read: .*NotFound"):
        SecretStore(aws).value(SecretRef(reference))


def test_one_that_is_binary_or_empty_is_no_secret(aws: Any) -> None:
    aws("secretsmanager").create_secret(Name="rw/bytes", SecretBinary=b"\x00")
    aws("secretsmanager").create_secret(Name="rw/empty", SecretString="\n")
    with pytest.raises(SecretError, match="rw/bytes is binary; expected text"):
        SecretStore(aws).value(SecretRef("secretsmanager:rw/bytes"))
    with pytest.raises(SecretError, match="rw/empty is empty"):
        SecretStore(aws).value(SecretRef("secretsmanager:rw/empty"))


def test_no_secret_shows_itself() -> None:
    secret = SecretRef("s3cret")
    to = webhook(url="s3cret")
    for shown in (repr(to), str(to), f"{to!r} {secret} {secret!r}", pretty_repr(to)):
        assert "s3cret" not in shown
