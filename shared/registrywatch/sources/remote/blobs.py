"""`az://account/container/prefix`: log files in Azure Storage, by the Azure CLI's sign-in.

Where AZURE_STORAGE_CONNECTION_STRING is set, it names the account, such as Azurite.
"""

import contextlib
import functools
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sdk import input_error
from registrywatch.sdk.azure_errors import azure_errors
from registrywatch.sources.inputs import Found
from registrywatch.sources.remote.azure_sign_in import partition, signed_in
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import order
from registrywatch.sources.remote.ranged import RANGE, Ranged, fetched, kept
from registrywatch.sources.remote.walk import Level, Listed, tree

_SCOPE = "https://storage.azure.com/.default"
_HINTS = {
    "AuthorizationPermissionMismatch": "access denied; the role Storage Blob Data Reader is needed",
    "AuthorizationFailure": "access denied; the account's firewall or its rights don't allow it",
    "AuthenticationFailed": "the sign-in is not accepted",
    "ContainerNotFound": "there is no such container",
    "missing": "the blob is gone",
    "conflict": "the blob changed while it was read",
    "BlobArchived": "the blob is archived; rehydrate it first",
}


class AzureBlob(msgspec.Struct, frozen=True):
    """A blob of a container."""

    account: str
    container: str
    blob: str
    size: int
    version: str = ""
    keep: Path | None = None

    @property
    def name(self) -> str:
        return f"az://{self.account}/{self.container}/{self.blob}"

    def ahead(self) -> bytes:
        """The first range; nothing where there is a copy of the blob."""
        if self.keep is not None:
            return b""
        return fetched(self._fetch, 0, min(RANGE, self.size))

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        """See `Input`."""
        name = f"{self.account}/{self.container}/{self.blob}"
        return kept(self.keep, name, self.size, lambda: Ranged(self._fetch, self.size, first))

    def _fetch(self, offset: int, size: int, /) -> bytes:
        with _errors():
            client = _container(self.account, self.container, os.getpid())
            # An append blob of the present hour grows while it is read; what is listed is read.
            data: bytes = client.download_blob(self.blob, offset=offset, length=size).readall()
            return data


def find(address: str, wanted: Wanted) -> Found:
    """The blobs below the prefix that can hold what is asked for, in order of time."""
    account, _, rest = address.removeprefix("az://").partition("/")
    container, _, prefix = rest.partition("/")
    if not account or not container:
        raise UnreadableInput(f"{address!a} must be az://ACCOUNT/CONTAINER/PREFIX")
    prefix = unquote(prefix)
    found = tree(prefix, functools.partial(_level, account, container), wanted)
    where = f"az://{account}/{container}/{prefix}"
    problems = [f"{where}: {problem}" for problem in found.problems]
    blobs = sorted(found.objects, key=lambda each: order(each.name))
    if not blobs and not problems:
        problems.append(f"{where}: {wanted.none_found('blob')}")
    return Found(
        [
            AzureBlob(account, container, each.name, each.size, each.version, wanted.keep)
            for each in blobs
        ],
        problems,
    )


def _level(account: str, container: str, folder: str) -> Level:
    level = Level()
    with _errors():
        client = _container(account, container, os.getpid())
        for each in client.walk_blobs(name_starts_with=folder, delimiter="/"):
            if hasattr(each, "prefix") and each.name.endswith("/"):
                level.folders.append(each.name)
            elif each.size:
                level.objects.append(Listed(each.name, each.size, each.etag))
    return level


@functools.cache
def _container(account: str, container: str, process: int) -> Any:  # noqa: ARG001
    from azure.storage.blob import ContainerClient

    options: dict[str, Any] = {"retry_total": 4, "connection_timeout": 10, "read_timeout": 60}
    if connection := os.environ.get("AZURE_STORAGE_CONNECTION_STRING"):
        return ContainerClient.from_connection_string(connection, container, **options)
    host = host_of(account)
    return ContainerClient(f"https://{host}", container, credential=signed_in(_SCOPE), **options)


def host_of(account: str) -> str:
    """A storage account's host for blobs; a name with dots is a host already."""
    return account if "." in account else f"{account}.blob.{partition().storage}"


def _errors() -> contextlib.AbstractContextManager[None]:
    return azure_errors(functools.partial(input_error, _HINTS))
