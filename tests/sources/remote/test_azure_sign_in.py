"""Without a sign-in to Azure: one line at once, not the SDK's thirteen again and again."""

import logging
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from registrywatch.sdk import azure_identity
from registrywatch.sources.many import parts
from registrywatch.sources.remote import blobs, log_analytics
from registrywatch.sources.remote.kind import Wanted

DUMP = "DefaultAzureCredential failed to retrieve a token.\nAttempted credentials:\n\tNone at all"
SAID = "no one is signed in to Azure: run `az login`"


class NoOne:
    """A credential without any sign-in, that says so at length."""

    tried = 0

    def get_token(self, *_: str, **__: Any) -> None:
        NoOne.tried += 1
        logging.getLogger("azure.identity").warning(DUMP)
        raise ClientAuthenticationError(DUMP)


@pytest.fixture(autouse=True)
def no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", NoOne)
    monkeypatch.setattr(azure_identity, "_identities", {})
    monkeypatch.setattr(NoOne, "tried", 0)
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    blobs._container.cache_clear()


def test_a_container(caplog: pytest.LogCaptureFixture) -> None:
    found = blobs.find("az://account/container/x", Wanted())
    assert found.problems == [f"az://account/container/x: {SAID}"]
    assert (NoOne.tried, caplog.text) == (1, "")


def test_a_workspace(caplog: pytest.LogCaptureFixture) -> None:
    found = log_analytics.find("loganalytics://11111111-2222-3333-4444-555555555555", Wanted())
    assert [part.failure for part in parts(found.inputs)] == [SAID]
    assert (NoOne.tried, caplog.text) == (1, "")
