"""Tokens of Microsoft Entra, of the app's own identity or of the shell's."""

import os
from typing import TYPE_CHECKING

from registrywatch.errors import SecretError
from registrywatch.sdk_logs import quiet_azure

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def bearer(scope: str) -> str:
    """A token for `scope`. Raises SecretError, which says why there is none."""
    from azure.core.exceptions import AzureError

    try:
        return identity(os.environ.get("AZURE_CLIENT_ID")).get_token(scope).token
    except AzureError as error:
        raise SecretError(f"no token for {scope}: {type(error).__name__}") from error


_identities: dict[str | None, "TokenCredential"] = {}


def identity(client_id: str | None) -> "TokenCredential":
    """The managed identity of that id, else the one signed in on this machine."""
    if client_id not in _identities:
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        quiet_azure()
        _identities[client_id] = (
            ManagedIdentityCredential(client_id=client_id)
            if client_id
            else DefaultAzureCredential()
        )
    return _identities[client_id]
