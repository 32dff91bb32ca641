"""Tokens of Microsoft Entra for destinations that want one: of the app's own identity."""

import os
from functools import cache
from typing import TYPE_CHECKING

from registrywatch.errors import SecretError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def bearer(scope: str) -> str:
    """A token for `scope`. Raises SecretError, which says why there is none."""
    from azure.core.exceptions import AzureError

    try:
        return _credential().get_token(scope).token
    except AzureError as error:
        raise SecretError(f"no token for {scope}: {type(error).__name__}") from error


@cache
def _credential() -> "TokenCredential":
    """The managed identity that AZURE_CLIENT_ID names, else the one signed in on this machine."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client = os.environ.get("AZURE_CLIENT_ID")
    return ManagedIdentityCredential(client_id=client) if client else DefaultAzureCredential()
