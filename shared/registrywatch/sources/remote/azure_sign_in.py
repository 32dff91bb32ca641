"""The sign-in to Azure by which remote logs are read: the Azure CLI's, or the environment's."""

import os
from typing import Any

from registrywatch.clouds import AZURE, Partition
from registrywatch.errors import UnreadableInput
from registrywatch.sdk import Failure
from registrywatch.sdk.azure_errors import azure_errors
from registrywatch.sdk.azure_identity import identity


def partition() -> Partition:
    """The Azure whose Resource Manager the environment names: the public one by default."""
    return AZURE.partition_of_management(os.environ.get("REGISTRYWATCH_AZURE_RESOURCE_MANAGER", ""))


def signed_in(scope: str) -> Any:
    """A credential that has a token for the scope, tried before anything is asked.

    Raises UnreadableInput: the SDK itself tries each request without a sign-in again, for minutes.
    """
    with azure_errors(_no_sign_in):
        credential = identity(None)
        credential.get_token(scope)
    return credential


def _no_sign_in(failure: Failure) -> UnreadableInput:
    return UnreadableInput(failure.hint or f"no usable sign-in to Azure: {failure.detail}")
