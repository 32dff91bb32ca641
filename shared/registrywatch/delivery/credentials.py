"""Credentials: the destinations' secrets, and tokens of Microsoft Entra. They are never shown."""

import math
import os
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from registrywatch.delivery.destinations.kind import SecretRef
from registrywatch.errors import SecretError
from registrywatch.readers import is_unresolved
from registrywatch.sdk_answers import whole
from registrywatch.sdk_logs import quiet_aws, quiet_azure

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

REFRESH_SECONDS = 60.0
_TIMEOUTS = {"connect_timeout": 3, "read_timeout": 5, "retries": {"mode": "standard"}}


class SecretStore:
    """The values of secrets, cached for the life of the process.

    `client` returns an AWS client for a service's name; `clock` is in seconds.
    """

    def __init__(
        self,
        client: Callable[[str], Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client or _aws_client
        self._clock = clock
        self._refreshed: dict[SecretRef, float] = {}
        self._known: dict[SecretRef, str] = {}

    def value(self, secret: SecretRef) -> str:
        """The secret itself. Raises SecretError, which names the reference and never the value."""
        if secret not in self._known:
            self._known[secret] = self._resolve(secret.reference)
        return self._known[secret]

    def refresh(self, secret: SecretRef) -> None:
        """Read the secret again, at most once a minute. Raises SecretError."""
        now = self._clock()
        if now - self._refreshed.get(secret, -math.inf) >= REFRESH_SECONDS:
            self._refreshed[secret] = now
            self._known[secret] = self._resolve(secret.reference)

    def _resolve(self, reference: str) -> str:
        store, _, name = reference.partition(":")
        if store == "ssm":
            value = self._parameter(name)
        elif store == "secretsmanager":
            value = self._secret(name)
        elif is_unresolved(reference):
            raise SecretError(
                "Azure did not resolve a Key Vault reference: the secret is missing, or the app's "
                "identity may not read it; fix that and run `az functionapp restart`"
            )
        else:
            return reference.strip()
        if not value.strip():
            raise SecretError(f"{reference} is empty; expected the secret itself")
        return value.strip()

    def _parameter(self, name: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client("ssm").get_parameter(Name=name, WithDecryption=True)
        except (BotoCoreError, ClientError) as error:
            raise SecretError(f"ssm:{name} can't be read: {error}") from error
        return str(answer["Parameter"]["Value"])

    def _secret(self, name: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client("secretsmanager").get_secret_value(SecretId=name)
        except (BotoCoreError, ClientError) as error:
            raise SecretError(f"secretsmanager:{name} can't be read: {error}") from error
        if "SecretString" not in answer:
            raise SecretError(f"secretsmanager:{name} is binary; expected text")
        return str(answer["SecretString"])


@cache
def _aws_client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    quiet_aws()
    return whole(boto3.client(service, config=Config(**_TIMEOUTS)))


def bearer(scope: str) -> str:
    """A token for `scope`, of the app's identity. Raises SecretError."""
    from azure.core.exceptions import AzureError

    try:
        return identity(os.environ.get("AZURE_CLIENT_ID")).get_token(scope).token
    except AzureError as error:
        raise SecretError(f"no token for {scope}: {type(error).__name__}") from error


_identities: dict[str | None, "TokenCredential"] = {}


def identity(client_id: str | None) -> "TokenCredential":
    """The managed identity of that client id; if None, the identity signed in on this machine."""
    if client_id not in _identities:
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        quiet_azure()
        _identities[client_id] = (
            ManagedIdentityCredential(client_id=client_id)
            if client_id
            else DefaultAzureCredential()
        )
    return _identities[client_id]
