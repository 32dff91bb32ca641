"""The sign-in to Azure by which remote logs are read: the Azure CLI's, or the environment's."""

import logging
import os
from typing import Any

from registrywatch.clouds import AZURE, Partition
from registrywatch.errors import UnreadableInput


def partition() -> Partition:
    """The Azure whose Resource Manager the environment names: the public one by default."""
    return AZURE.partition_of_management(os.environ.get("REGISTRYWATCH_AZURE_RESOURCE_MANAGER", ""))


def signed_in(scope: str) -> Any:
    """A credential that has a token for the scope, tried before anything is asked.

    Raises UnreadableInput: the SDK itself tries each request without a sign-in again, for minutes.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential

    # It warns of each of nine ways to sign in that does not work, in as many lines.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    credential = DefaultAzureCredential()
    try:
        credential.get_token(scope)
    except AzureError as error:
        said, _, more = str(error).strip().partition("\n")
        if more and said.startswith("DefaultAzureCredential"):
            said = "run `az login`"
        raise UnreadableInput(f"no usable sign-in to Azure: {said}") from error
    return credential
