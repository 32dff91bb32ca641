"""Azure Resource Manager, asked patiently: an answer, "there is none", or StateUnknown."""

import email.utils
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from registrywatch.errors import StateUnknown

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 4
_LONGEST_WAIT = 20.0  # seconds; what must wait longer is asked again through the queue
_TIMEOUT = (3.05, 15.0)  # seconds to connect, and between two bytes
_LARGEST_ANSWER = 1 << 20
_RIGHTS = "the identity lacks the right to read it, or the role assignment is not in effect yet"


class Arm:
    """Reads resources at `base_url` (https://management.azure.com/) with tokens from `token`.

    `token` raises StateUnknown where it has none. `sleep` and `clock` take and give seconds.
    """

    def __init__(
        self,
        http: "requests.Session",
        token: Callable[[], str],
        base_url: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep
        self._clock = clock

    def get(self, resource_id: str, api_version: str) -> dict[str, Any] | None:
        """The resource as JSON, None where ARM says that there is none (404).

        Throttling, failures of the service and of the network are retried for up to a minute.
        Raises StateUnknown for everything but an object or a 404.
        """
        url = f"{self._base_url}/{resource_id.lstrip('/')}"
        for attempt in range(_ATTEMPTS):
            last = attempt == _ATTEMPTS - 1
            status, headers, body = self._fetch(url, api_version)
            if status == 200:
                return _object(resource_id, body)
            if status == 404:
                return None
            wait = self._wait(status, headers, attempt)
            if last or wait is None or wait > _LONGEST_WAIT:
                raise StateUnknown(f"{resource_id}: {_why(status, body)}")
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _fetch(self, url: str, api_version: str) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body; status 0 and the reason where nothing answered."""
        import requests

        try:
            with self._http.get(
                url,
                params={"api-version": api_version},
                headers={"Authorization": f"Bearer {self._token()}"},
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = next(response.iter_content(_LARGEST_ANSWER), b"")
                return response.status_code, response.headers, body
        except requests.RequestException as error:
            # The text of these errors holds the address, never a header.
            return 0, {}, type(error).__name__.encode()

    def _wait(self, status: int, headers: Mapping[str, str], attempt: int) -> float | None:
        """Seconds until it is worth asking again; None if it never is."""
        if status == 429 or status == 503:
            told = _retry_after(headers.get("Retry-After"), self._clock())
            return told if told is not None else 2.0**attempt
        return 2.0**attempt if status == 0 or status >= 500 else None


def _retry_after(text: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for: it holds a number of them, or a date."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(email.utils.parsedate_to_datetime(text).timestamp() - now, 0.0)
    except ValueError:
        return None


def _object(resource_id: str, body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateUnknown(
            f"{resource_id}: the answer is not a JSON object of at most {_LARGEST_ANSWER} bytes"
        ) from error


class _Refusal(msgspec.Struct):
    code: str | None = None


class _Refused(msgspec.Struct):
    error: _Refusal | None = None


def _why(status: int, body: bytes) -> str:
    """What went wrong, from the status and ARM's own error code; never the answer's free text."""
    if status == 0:
        return f"no answer ({body.decode()})"
    try:
        refused = msgspec.json.decode(body, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refused = _Refused()
    code = (refused.error.code if refused.error else None) or ""
    told = f"HTTP {status}" + (f" {code[:60]!a}" if code else "")
    return f"{told}: {_RIGHTS}" if status in (401, 403) else told
