"""HTTP answers from Azure, fetched with retries and within bounds."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from registrywatch.errors import NotAllowed, StateUnknown
from registrywatch.retry_after import retry_after

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 4
_LONGEST_WAIT = 20.0  # seconds; for a longer wait, the look is queued again
_TIMEOUT = (3.05, 15.0)  # seconds to connect, and between two bytes
_LARGEST_ANSWER = 1 << 20
_NOT_ALLOWED = (401, 403)
_RIGHTS = "the identity lacks the right to read it, or the role assignment is not in effect yet"


class Answer(msgspec.Struct, frozen=True):
    """A response: HTTP status (0: no answer), headers, at most 1 MiB of body.

    The body of status 0 is the kind of failure.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    http: "requests.Session",
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Answer:
    """The answer. Retries after throttling and failures of the service or the network.

    That takes a minute at most; then the last answer is returned, whatever it is. No redirect is
    followed: a token is sent only to its own server.
    """
    for attempt in range(_ATTEMPTS):
        answer = _once(http, method, url, headers, params, form)
        wait = _wait(answer, attempt, clock())
        if attempt == _ATTEMPTS - 1 or wait is None or wait > _LONGEST_WAIT:
            break
        sleep(wait)
    return answer


def json_object(what: str, answer: Answer) -> dict[str, Any]:
    """The JSON object in the body. Raises StateUnknown, naming `what`, if it is not one."""
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateUnknown(
            f"{what}: the answer is not a JSON object of at most {_LARGEST_ANSWER} bytes"
        ) from error


class _Code(msgspec.Struct):
    code: str | None = None


class _Refused(msgspec.Struct):
    """Errors in an answer: Resource Manager gives one, a registry a list."""

    error: _Code | None = None
    errors: list[_Code] = []


def error_code(answer: Answer) -> str:
    """The service's own code for what went wrong; empty if there is none."""
    try:
        refused = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    among = [refused.error] if refused.error else refused.errors
    return next((each.code for each in among if each.code), "")


def why(answer: Answer) -> str:
    """What went wrong, from status and error code; never the answer's free text."""
    if answer.status == 0:
        return f"no answer ({answer.body.decode()})"
    code = error_code(answer)
    said = f"HTTP {answer.status}" + (f" {code[:60]!a}" if code else "")
    return f"{said}: {_RIGHTS}" if answer.status in _NOT_ALLOWED else said


def refusal(what: str, answer: Answer) -> StateUnknown:
    """The error about an answer that is of no use; NotAllowed if a right is missing."""
    error = NotAllowed if answer.status in _NOT_ALLOWED else StateUnknown
    return error(f"{what}: {why(answer)}")


def _once(
    http: "requests.Session",
    method: str,
    url: str,
    headers: Mapping[str, str] | None,
    params: Mapping[str, str] | None,
    form: Mapping[str, str] | None,
) -> Answer:
    import requests

    try:
        with http.request(
            method,
            url,
            headers=dict(headers or {}),
            params=dict(params or {}),
            data=dict(form) if form else None,
            timeout=_TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = next(response.iter_content(_LARGEST_ANSWER), b"")
            return Answer(response.status_code, response.headers, body)
    except requests.RequestException as error:
        return Answer(0, {}, type(error).__name__.encode())


def _wait(answer: Answer, attempt: int, now: float) -> float | None:
    """Seconds until the next attempt; None if no attempt can help."""
    if answer.status in (429, 503):
        wanted = retry_after(answer.headers.get("Retry-After"), now, most=3600.0)
        return wanted if wanted is not None else 2.0**attempt
    return 2.0**attempt if answer.status == 0 or answer.status >= 500 else None
