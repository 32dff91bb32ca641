"""Connections to Azure: by identity in production, to Azurite on a developer's machine.

The settings are those by which the Functions host itself connects (`AzureWebJobsStorage`), so that
bindings and this code can't disagree.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from registrywatch.azure.names import STORAGE_CONNECTION
from registrywatch.errors import SettingsError, StateUnknown

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.data.tables import TableClient
    from azure.storage.queue import QueueClient

# Azurite's account and key are the same on every machine and printed in its manual.
_AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
_AZURITE = (
    f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={_AZURITE_KEY};"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)


class Storage(msgspec.Struct, frozen=True):
    """Where queues and tables are: a connection string (development), or addresses."""

    connection_string: str | None = None
    queues_at: str | None = None
    tables_at: str | None = None
    client_id: str | None = None

    def queue(self, name: str) -> "QueueClient":
        """A client of the queue, which reads and writes base64 as the Functions host does."""
        from azure.storage.queue import (
            QueueClient,
            TextBase64DecodePolicy,
            TextBase64EncodePolicy,
        )

        encode, decode = TextBase64EncodePolicy(), TextBase64DecodePolicy()
        if self.connection_string is not None:
            return QueueClient.from_connection_string(
                self.connection_string,
                name,
                message_encode_policy=encode,
                message_decode_policy=decode,
            )
        return QueueClient(
            self.queues_at or "",
            name,
            credential=credential(self.client_id),
            message_encode_policy=encode,
            message_decode_policy=decode,
        )

    def table(self, name: str) -> "TableClient":
        """A client of the table."""
        from azure.data.tables import TableClient

        if self.connection_string is not None:
            return TableClient.from_connection_string(self.connection_string, name)
        return TableClient(self.tables_at or "", name, credential=credential(self.client_id))


def storage(environ: Mapping[str, str]) -> Storage:
    """Raises SettingsError if the environment names neither a development store nor addresses."""
    given = environ.get(STORAGE_CONNECTION)
    if given:
        development = given.strip().rstrip(";").lower() == "usedevelopmentstorage=true"
        return Storage(connection_string=_AZURITE if development else given)
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


_credentials: dict[str | None, "TokenCredential"] = {}


def credential(client_id: str | None) -> "TokenCredential":
    """The identity to act as: the managed one of that id, else whoever is signed in here."""
    if client_id not in _credentials:
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        _credentials[client_id] = (
            ManagedIdentityCredential(client_id=client_id)
            if client_id
            else DefaultAzureCredential()
        )
    return _credentials[client_id]


def token_for(scope: str, client_id: str | None) -> Callable[[], str]:
    """A provider of tokens for `scope`; it raises StateUnknown where there is none to be had."""

    def token() -> str:
        from azure.core.exceptions import AzureError

        try:
            return credential(client_id).get_token(scope).token
        except AzureError as error:
            raise StateUnknown(f"no token for {scope}: {type(error).__name__}") from error

    return token
