"""What botocore's errors mean."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from registrywatch.sdk import Failure, Kind, one_line, translating

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CODES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("conflict", ("ConditionalCheckFailed", "PreconditionFailed", "412")),
    (
        "credentials",
        (
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "MissingAuthenticationToken",
            "OptInRequired",
            "SignatureDoesNotMatch",
            "UnrecognizedClient",
        ),
    ),
    ("denied", ("AccessDenied", "AuthorizationError", "UnauthorizedOperation", "403")),
    ("missing", ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404")),
    (
        "throttled",
        ("Throttl", "TooManyRequests", "RequestLimit", "ThroughputExceeded", "SlowDown"),
    ),
    (
        "unavailable",
        (
            "InternalFailure",
            "InternalException",
            "InternalError",
            "InternalServerError",
            "RequestTimeout",
            "ServiceUnavailable",
        ),
    ),
)
"""A part of an error's code, and what it means. S3 answers HEAD with the status as code."""

_NOT_VALID = "the credentials are not valid there; is the region switched on?"
_HINTS = {
    "ExpiredToken": "the credentials have expired",
    "ExpiredTokenException": "the credentials have expired",
    "InvalidAccessKeyId": "the credentials are not known to AWS",
    "InvalidClientTokenId": _NOT_VALID,
    "NoCredentialsError": "no AWS credentials were found: set AWS_PROFILE, or sign in with the AWS "
    "CLI",
    "NoRegionError": "no region is set: AWS_DEFAULT_REGION says which",
    "OptInRequired": "the region is switched off for this account",
    "SignatureDoesNotMatch": "the secret of the credentials is wrong",
    "UnrecognizedClientException": _NOT_VALID,
}


def aws_errors(error_for: Callable[[Failure], Exception]) -> AbstractContextManager[None]:
    """Raise `error_for(failure)` in place of any error of botocore."""
    return translating(failure_of, error_for)


def failure_of(error: Exception) -> Failure | None:
    """What the error means; None if it is not botocore's."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, (BotoCoreError, ResponseParserError)):
        code = type(error).__name__
        return Failure(_without_answer(error), code, one_line(error), _HINTS.get(code, ""))
    return None


def kind_of(code: str, status: int | None = None) -> Kind:
    """What an error's code and HTTP status mean."""
    for kind, parts in _CODES:
        if any(part in code for part in parts):
            return kind
    if status == 429:
        return "throttled"
    return "unavailable" if status == 408 or (status or 0) >= 500 else "refused"


def _answered(error: "ClientError") -> Failure:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", "unknown"))
    message = one_line(answer.get("Error", {}).get("Message", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    kind = kind_of(code, status)
    if code == "ValidationError" and message.endswith("does not exist"):  # CloudFormation's stack
        kind = "missing"
    detail = f"AWS answered {code}" + (f": {message}" if message else "")
    return Failure(kind, code, detail, _HINTS.get(code, ""), status, answer.get("Item"))


def _without_answer(error: Exception) -> Kind:
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    if isinstance(
        error,
        (
            exceptions.HTTPClientError,
            exceptions.ConnectionError,
            exceptions.IncompleteReadError,
            exceptions.ChecksumError,
            exceptions.FlexibleChecksumError,
            ResponseParserError,
        ),
    ):
        return "no_answer"
    if isinstance(
        error,
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.ProfileNotFound,
            exceptions.TokenRetrievalError,
            exceptions.NoAuthTokenError,
            exceptions.SSOError,
        ),
    ):
        return "credentials"
    return "invalid"
