"""Connections to Azure: by identity in production, to Azurite on a developer's machine.

The settings are those of the Functions host itself (`AzureWebJobsStorage`), so that bindings and
this code use the same store.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from registrywatch.azure.names import STORAGE_CONNECTION
from registrywatch.errors import SettingsError, StateUnknown
from registrywatch.sdk import store_error
from registrywatch.sdk.azure_identity import identity, token

if TYPE_CHECKING:
    from azure.data.tables import TableClient
    from azure.storage.queue import QueueClient

# Azurite's account and key are the same on every machine and printed in its manual.
_AZURITE = {
    "account_name": "devstoreaccount1",
    "account_key": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}
_DEVELOPMENT = (
    f"DefaultEndpointsProtocol=http;AccountName={_AZURITE['account_name']};"
    f"AccountKey={_AZURITE['account_key']};"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)

_PATIENCE: dict[str, Any] = {"connection_timeout": 2, "read_timeout": 10, "retry_total": 3}
"""A waiting caller holds a whole batch, which is delivered again if there is no answer. A call ends
after about 45 seconds if the service accepts and never answers, after 2 if it refuses."""
# The same retries, 0.2 to 2 seconds apart, by the two SDKs' names
_TABLE_OPTIONS = {**_PATIENCE, "retry_backoff_factor": 0.2, "retry_backoff_max": 2}
_QUEUE_OPTIONS = {
    **_PATIENCE,
    "initial_backoff": 0.2,
    "increment_base": 1.2,
    "random_jitter_range": 0.2,
}


class Storage(msgspec.Struct, frozen=True):
    """Where queues and tables are: a connection string (development), or addresses."""

    connection_string: str | None = None
    queues_at: str | None = None
    tables_at: str | None = None
    client_id: str | None = None

    def queue(self, name: str) -> "QueueClient":
        """A client of the queue, which reads and writes base64 as the Functions host does."""
        from azure.storage.queue import QueueClient

        if self.connection_string is not None:
            return QueueClient.from_connection_string(
                self.connection_string, name, **_queue_options()
            )
        return QueueClient(
            self.queues_at or "", name, credential=identity(self.client_id), **_queue_options()
        )

    def table(self, name: str) -> "TableClient":
        """A client of the table."""
        from azure.data.tables import TableClient

        if self.connection_string is not None:
            return TableClient.from_connection_string(
                self.connection_string, name, **_TABLE_OPTIONS
            )
        return TableClient(
            self.tables_at or "", name, credential=identity(self.client_id), **_TABLE_OPTIONS
        )


def queue_at(url: str) -> "QueueClient":
    """A client of the queue at `url`, with the shell's identity; of Azurite with its public key."""
    from azure.storage.queue import QueueClient

    local = urlsplit(url).path.startswith(f"/{_AZURITE['account_name']}/")
    return QueueClient.from_queue_url(
        url, credential=_AZURITE if local else identity(None), **_queue_options()
    )


def _queue_options() -> dict[str, Any]:
    from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy

    base64 = {
        "message_encode_policy": TextBase64EncodePolicy(),
        "message_decode_policy": TextBase64DecodePolicy(),
    }
    return {**_QUEUE_OPTIONS, **base64}


def store_errors(what: str) -> AbstractContextManager[None]:
    """Turn any error of the SDK into a StoreError about `what`."""
    from registrywatch.sdk.azure_errors import azure_errors

    return azure_errors(partial(store_error, what))


def storage(environ: Mapping[str, str]) -> Storage:
    """Where the store is. Raises SettingsError if the environment names no store."""
    given = environ.get(STORAGE_CONNECTION)
    if given:
        development = given.strip().rstrip(";").lower() == "usedevelopmentstorage=true"
        return Storage(connection_string=_DEVELOPMENT if development else given)
    names = [f"{STORAGE_CONNECTION}__{service}ServiceUri" for service in ("queue", "table")]
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise SettingsError(
            *(
                f"{name} is not set; it must be the service's address, or {STORAGE_CONNECTION} "
                "must be UseDevelopmentStorage=true"
                for name in missing
            )
        )
    return Storage(
        queues_at=environ[names[0]],
        tables_at=environ[names[1]],
        client_id=environ.get(f"{STORAGE_CONNECTION}__clientId"),
    )


def token_for(scope: str, client_id: str | None) -> Callable[[], str]:
    """A provider of tokens for `scope`; it raises StateUnknown if there is none."""
    return partial(token, scope, client_id, StateUnknown)
