"""What an error of botocore means is decided in one place, for every caller."""

import sys
from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from registrywatch.errors import (
    Conflict,
    NotAllowed,
    NotFound,
    StoreError,
    UnreadableInput,
)
from registrywatch.sdk import Failure, input_error, store_error
from registrywatch.sdk.aws_errors import aws_errors, failure_of
from tests.builders.cases import for_each


def answered(code: str, message: str = "", status: int = 400, **more: Any) -> Exception:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    error: Exception = exceptions.ClientError(answer, "Operation")
    return error


def meaning(error: Exception) -> Failure:
    found = failure_of(error)
    assert found is not None
    return found


@for_each(
    "code, status, kind",
    [
        ("ConditionalCheckFailedException", 400, "conflict"),
        ("412", 412, "conflict"),
        ("AccessDenied", 403, "denied"),
        ("AccessDeniedException", 400, "denied"),
        ("AuthorizationError", 403, "denied"),
        ("UnauthorizedOperation", 403, "denied"),
        ("403", 403, "denied"),
        ("ExpiredToken", 400, "credentials"),
        ("UnrecognizedClientException", 400, "credentials"),
        ("ResourceNotFoundException", 400, "missing"),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, "missing"),
        ("QueueDoesNotExist", 400, "missing"),
        ("ParameterNotFound", 400, "missing"),
        ("NoSuchBucket", 404, "missing"),
        ("404", 404, "missing"),
        ("ThrottlingException", 400, "throttled"),
        ("ProvisionedThroughputExceededException", 400, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("SlowDown", 503, "throttled"),
        ("LimitExceededException", 429, "throttled"),
        ("InternalServerError", 500, "unavailable"),
        ("InternalFailure", 500, "unavailable"),
        ("Odd", 502, "unavailable"),
        ("RequestTimeout", 400, "unavailable"),
        ("ValidationException", 400, "refused"),
        ("LimitExceededException", 400, "refused"),
    ],
)
def test_an_answer_means_what_its_code_or_else_its_status_says(
    code: str, status: int, kind: str
) -> None:
    found = meaning(answered(code, "why", status))
    assert (found.kind, found.code, found.status) == (kind, code, status)
    assert found.said


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "no_answer"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), "no_answer"),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), "no_answer"),
        (exceptions.SSLError(endpoint_url="https://x", error="self-signed"), "no_answer"),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), "no_answer"),
        (ResponseParserError("not XML\n<Answ"), "no_answer"),
        (exceptions.NoCredentialsError(), "credentials"),
        (exceptions.ProfileNotFound(profile="x"), "credentials"),
        (exceptions.UnauthorizedSSOTokenError(), "credentials"),
        (exceptions.NoRegionError(), "invalid"),
        (exceptions.ParamValidationError(report="a\nb"), "invalid"),
    ],
)
def test_without_an_answer_it_means_what_the_sdk_says(error: Exception, kind: str) -> None:
    found = meaning(error)
    assert (found.kind, found.code, found.status) == (kind, type(error).__name__, None)
    assert "\n" not in found.said


def test_what_people_can_do_is_said_where_it_is_known() -> None:
    assert meaning(exceptions.NoCredentialsError()).said.endswith("sign in with the AWS CLI")
    assert meaning(answered("ExpiredToken", "a long text")).said == "the credentials have expired"
    denied = meaning(answered("AccessDenied", "User: x is not\nauthorized to perform: sqs:y"))
    assert denied.said == "AWS answered AccessDenied: User: x is not authorized to perform: sqs:y"


def test_a_stack_that_does_not_exist_is_missing_and_a_name_that_can_not_be_one_is_not() -> None:
    gone = answered("ValidationError", "Stack with id rw does not exist")
    assert meaning(gone).kind == "missing"
    assert meaning(answered("ValidationError", "1 validation error detected")).kind == "refused"


@for_each(
    "error, raised",
    [
        (answered("ConditionalCheckFailedException", Item={"v": 1}), Conflict),
        (answered("AccessDeniedException"), NotAllowed),
        (answered("ResourceNotFoundException"), NotFound),
        (answered("ThrottlingException"), StoreError),
        (exceptions.NoCredentialsError(), StoreError),
    ],
)
def test_a_store_s_caller_gets_one_of_our_errors(
    error: Exception, raised: type[StoreError]
) -> None:
    with pytest.raises(raised, match=r"^table t: ") as caught:  # noqa: SIM117
        with aws_errors(lambda failure: store_error("table t", failure)):
            raise error
    assert type(caught.value) is raised
    assert caught.value.__cause__ is error


def test_a_conflict_holds_the_present_item() -> None:
    error = answered("ConditionalCheckFailedException", Item={"v": 1})
    conflict = store_error("table t", meaning(error))
    assert isinstance(conflict, Conflict)
    assert conflict.item == {"v": 1}


HINTS = {"denied": "s3:GetObject is needed", "NoSuchBucket": "no bucket", "missing": "gone"}


@for_each(
    "error, said",
    [
        (answered("AccessDenied"), "s3:GetObject is needed"),
        (answered("403", status=403), "s3:GetObject is needed"),
        (answered("NoSuchBucket"), "no bucket"),
        (answered("NoSuchKey"), "gone"),
        (answered("ExpiredToken"), "the credentials have expired"),
        (answered("Odd", "why"), "AWS answered Odd: why"),
    ],
)
def test_a_reader_s_own_sentences_are_used(error: Exception, said: str) -> None:
    found = input_error(HINTS, meaning(error))
    assert isinstance(found, UnreadableInput)
    assert str(found) == said


@for_each(
    "error",
    [
        answered("SlowDown", status=503),
        exceptions.ConnectTimeoutError(endpoint_url="https://x"),
        exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_a_reader_tries_again_what_may_pass(error: Exception) -> None:
    assert isinstance(input_error(HINTS, meaning(error)), OSError)


def test_without_the_sdk_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with (
        pytest.raises(ModuleNotFoundError, match=r"^No module named 'boto3'$"),
        aws_errors(lambda failure: StoreError(failure.said)),
    ):
        raise ModuleNotFoundError("No module named 'boto3'", name="boto3")


def test_an_error_of_another_making_passes() -> None:
    assert failure_of(KeyError("x")) is None
    with pytest.raises(KeyError), aws_errors(lambda failure: StoreError(failure.said)):
        raise KeyError("x")
