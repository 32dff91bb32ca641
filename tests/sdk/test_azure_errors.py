"""What an error of Azure's SDK means is decided in one place, for every caller."""

from types import SimpleNamespace
from typing import Any

import pytest
from azure.core import exceptions
from azure.identity import CredentialUnavailableError

from registrywatch.errors import NotAllowed, StateUnknown, StoreError, UnreadableInput
from registrywatch.sdk import Failure, azure_identity, input_error, store_error
from registrywatch.sdk.azure_errors import azure_errors, failure_of
from tests.builders.cases import for_each


def answered(
    status: int,
    code: str = "",
    kind: type[exceptions.HttpResponseError] = exceptions.HttpResponseError,
) -> exceptions.HttpResponseError:
    error = kind("first line\nRequestId: 1")
    error.status_code = status
    if code:
        error.error_code = code  # type: ignore[attr-defined]  # as the clients of storage do
    return error


def meaning(error: Exception) -> Failure:
    found = failure_of(error)
    assert found is not None
    return found


CHANGED = answered(412, "UpdateConditionNotSatisfied", exceptions.ResourceModifiedError)


@for_each(
    "error, kind",
    [
        (answered(409, "EntityAlreadyExists", exceptions.ResourceExistsError), "conflict"),
        (
            answered(412, "UpdateConditionNotSatisfied", exceptions.ResourceModifiedError),
            "conflict",
        ),
        (answered(400, "PopReceiptMismatch"), "conflict"),
        (answered(404, "EntityNotFound", exceptions.ResourceNotFoundError), "missing"),
        (answered(403, "AuthorizationPermissionMismatch"), "denied"),
        (answered(403, "X", exceptions.ClientAuthenticationError), "denied"),
        (answered(401, "X", exceptions.ClientAuthenticationError), "credentials"),
        (CredentialUnavailableError("no identity"), "credentials"),
        (answered(429), "throttled"),
        (answered(503, "ServerBusy"), "unavailable"),
        (answered(500), "unavailable"),
        (answered(400, "InvalidInput"), "refused"),
        (exceptions.ServiceRequestError("no route"), "no_answer"),
        (exceptions.ServiceResponseTimeoutError("too late"), "no_answer"),
        (exceptions.IncompleteReadError("cut"), "no_answer"),
        (AttributeError("'NoneType' object has no attribute 'x'"), "no_answer"),
        (exceptions.DecodeError("no base64"), "undecodable"),
    ],
    ids=lambda each: getattr(each, "error_code", None) or type(each).__name__,
)
def test_an_error_means_what_its_type_its_code_or_its_status_says(
    error: Exception, kind: str
) -> None:
    found = meaning(error)
    assert found.kind == kind
    assert "\n" not in found.said


def test_the_kind_the_status_and_the_first_line_are_said() -> None:
    assert meaning(answered(400)).said == "HttpResponseError (400): first line"
    found = meaning(exceptions.ServiceRequestError("no route"))
    assert found.said == "ServiceRequestError (no answer): no route"


def test_a_missing_right_is_told_apart_from_a_store_that_fails() -> None:
    assert type(store_error("table t", meaning(answered(403)))) is NotAllowed
    assert type(store_error("table t", meaning(answered(500)))) is StoreError


@for_each(
    "error, said",
    [
        (answered(404, "ContainerNotFound", exceptions.ResourceNotFoundError), "no container"),
        (answered(404, "BlobNotFound", exceptions.ResourceNotFoundError), "gone"),
        (answered(400, "Odd"), "HttpResponseError (400): first line"),
    ],
)
def test_a_reader_s_own_sentences_are_used(error: Exception, said: str) -> None:
    found = input_error({"ContainerNotFound": "no container", "missing": "gone"}, meaning(error))
    assert isinstance(found, UnreadableInput)
    assert str(found) == said


def test_an_error_of_another_making_passes() -> None:
    with pytest.raises(KeyError), azure_errors(lambda failure: StoreError(failure.said)):
        raise KeyError("x")


@for_each(
    "text, said",
    [
        (
            "DefaultAzureCredential failed.\nAttempted:",
            "no one is signed in to Azure: run `az login`",
        ),
        ("a text of the SDK that may hold anything", "ClientAuthenticationError"),
    ],
)
def test_without_a_token_the_scope_is_named_and_the_sdk_is_not_quoted(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_token(_: str) -> Any:
        raise exceptions.ClientAuthenticationError(text)

    none = SimpleNamespace(get_token=get_token)
    monkeypatch.setattr(azure_identity, "_identities", {None: none})
    with pytest.raises(StateUnknown) as caught:
        azure_identity.token("https://x/.default", None, StateUnknown)
    assert str(caught.value) == f"no token for https://x/.default: {said}"
