"""Who calls Azure: a managed identity, or the one signed in on this machine; and its tokens."""

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from registrywatch.sdk import Failure

_identities: dict[str | None, "TokenCredential"] = {}
if hasattr(os, "register_at_fork"):  # connections can't be shared with a child process
    os.register_at_fork(after_in_child=lambda: _identities.clear())


def identity(client_id: str | None) -> "TokenCredential":
    """The managed identity of that client id; if None, the identity signed in on this machine."""
    if client_id not in _identities:
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        # It would log failures in many lines; the exception says the same.
        logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
        _identities[client_id] = (
            ManagedIdentityCredential(client_id=client_id)
            if client_id
            else DefaultAzureCredential()
        )
    return _identities[client_id]


def token(scope: str, client_id: str | None, error: Callable[[str], Exception]) -> str:
    """A token for `scope`. If there is none, raises an `error` without the SDK's text."""

    from registrywatch.sdk.azure_errors import azure_errors

    def none(failure: "Failure") -> Exception:
        return error(f"no token for {scope}: {failure.hint or failure.code}")

    with azure_errors(none):
        return identity(client_id).get_token(scope).token
