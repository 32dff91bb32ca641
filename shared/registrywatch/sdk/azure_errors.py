"""What the errors of Azure's SDK mean."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from registrywatch.sdk import Failure, Kind, translating

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError

_SIGNED_OUT = "no one is signed in to Azure: run `az login`"


def azure_errors(error_for: Callable[[Failure], Exception]) -> AbstractContextManager[None]:
    """Raise `error_for(failure)` in place of any error of the SDK.

    Only calls of the SDK may stand within: azure-data-tables raises AttributeError or ValueError on
    an answer that was cut, or that is none of the service's.
    """
    return translating(failure_of, error_for)


def failure_of(error: Exception) -> Failure | None:
    """What the error means; None if it can't be the SDK's.

    `detail` names the kind, the HTTP status and the first line; later lines may hold the request.
    """
    from azure.core.exceptions import AzureError

    name = type(error).__name__
    if isinstance(error, (AttributeError, ValueError)):
        return Failure("no_answer", name, f"no answer of the service ({name}: {error})")
    if not isinstance(error, AzureError):
        return None
    status: int | None = getattr(error, "status_code", None)
    first = str(error).strip().partition("\n")[0]
    kind = _kind(error, status)
    signed_out = kind == "credentials" and first.startswith("DefaultAzureCredential")
    return Failure(
        kind,
        _code(error) or name,
        f"{name} ({status or 'no answer'}): {first}",
        _SIGNED_OUT if signed_out and status is None else "",
        status,
    )


def _code(error: "AzureError") -> str:
    """The service's own code; some clients give it as an enumeration."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _kind(error: "AzureError", status: int | None) -> Kind:
    from azure.core import exceptions

    if _code(error) == "PopReceiptMismatch":  # another reader has received the message since
        return "conflict"
    match error:
        case exceptions.ResourceExistsError() | exceptions.ResourceModifiedError():
            return "conflict"
        case exceptions.ResourceNotFoundError():
            return "missing"
        case exceptions.IncompleteReadError():  # it is a DecodeError too
            return "no_answer"
        case exceptions.DecodeError():
            return "undecodable"
        case exceptions.ClientAuthenticationError() if status != 403:
            return "credentials"
        case exceptions.HttpResponseError():
            return _kind_of_status(status)
        case exceptions.ServiceRequestError() | exceptions.ServiceResponseError():
            return "no_answer"
    return "invalid"


def _kind_of_status(status: int | None) -> Kind:
    match status:
        case None:
            return "no_answer"
        case 401:
            return "credentials"
        case 403:
            return "denied"
        case 404:
            return "missing"
        case 412:
            return "conflict"
        case 429:
            return "throttled"
    return "unavailable" if status == 408 or status >= 500 else "refused"
