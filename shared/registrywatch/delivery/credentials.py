"""Credentials: the destinations' secrets, and tokens of Microsoft Entra. They are never shown."""

import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from registrywatch.delivery.destinations.kind import SecretRef
from registrywatch.errors import SecretError
from registrywatch.readers import is_unresolved

REFRESH_SECONDS = 60.0


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
        with _errors(f"ssm:{name}"):
            answer = self._client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])

    def _secret(self, name: str) -> str:
        with _errors(f"secretsmanager:{name}"):
            answer = self._client("secretsmanager").get_secret_value(SecretId=name)
        if "SecretString" not in answer:
            raise SecretError(f"secretsmanager:{name} is binary; expected text")
        return str(answer["SecretString"])


def _errors(reference: str) -> AbstractContextManager[None]:
    from registrywatch.sdk.aws_errors import aws_errors

    return aws_errors(lambda failure: SecretError(f"{reference} can't be read: {failure.said}"))


@cache
def _aws_client(service: str) -> Any:
    from registrywatch.sdk.aws_client import new_client

    return new_client(service, connect_timeout=3, read_timeout=5, retries={"mode": "standard"})


def bearer(scope: str) -> str:
    """A token for `scope`, of the app's identity. Raises SecretError."""
    from registrywatch.sdk.azure_identity import token

    return token(scope, os.environ.get("AZURE_CLIENT_ID"), SecretError)
