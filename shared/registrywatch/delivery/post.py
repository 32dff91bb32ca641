"""One POST, and what its answer means. No secret of a request gets into a reason or a log.

https only (http to this machine, for tests), certificates verified, no redirect followed.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from registrywatch.alerts.text import shown
from registrywatch.delivery.credentials import bearer
from registrywatch.delivery.destinations.aws_call import AwsCall, call
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.delivery.pacing import MOST_RETRY_AFTER
from registrywatch.delivery.transport import deadline, session
from registrywatch.retry_after import retry_after

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0
_EXCERPT_BYTES = 1024  # of an answer's body
_EXCERPT = 200  # characters of it in a reason
_TEMPORARY = frozenset({408, 425, 429})  # 4xx after which another attempt may succeed


def post(request: Request, now: float) -> Answer:
    """Send `request`. Never raises for what a network or a server may do.

    Raises SecretError if it needs a token and there is none.
    """
    if isinstance(request, AwsCall):
        return call(request)
    problem = _unusable(request.url)
    if problem:
        return Answer("refused", problem)
    if request.token_scope:
        token = bearer(request.token_scope)
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        request = msgspec.structs.replace(request, headers=headers)
    import requests
    from urllib3.exceptions import HTTPError

    with deadline(TOTAL_SECONDS) as ending:
        try:
            response = session().post(
                request.url,
                data=request.body,
                headers=dict(request.headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return Answer("try_again", _NO_ANSWER if ending.expired else _cause(error))
        except requests.exceptions.InvalidHeader:
            return Answer("refused", "a header can't be sent: it holds a forbidden character")
        except (requests.RequestException, HTTPError, HTTPException, ValueError):
            return Answer("refused", "the address can't be used")
        with response:
            status = response.status_code
            # A 2xx needs no body, unless this receiver may report a failure in it
            needed = not 200 <= status < 300 or request.objection is not None
            body = _beginning(response) if needed else b""
            return judged(request, status, response.headers, body, now)


def judged(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> Answer:
    """What an answer means. `body` is its beginning."""
    reason = f"answered {status}"
    accepted = 200 <= status < 300
    verdict = request.objection(body) if accepted and request.objection else None
    if accepted and verdict is None:
        return Answer("delivered", reason, status)
    if 300 <= status < 400:
        return Answer("refused", f"{reason}, a redirect, which is not followed", status)
    from registrywatch.delivery.masking import masked  # not at the start: only a failure needs it

    if excerpt := shown(masked(body.decode("utf-8", "replace").strip(), request), _EXCERPT):
        reason += f": {excerpt}"
    if verdict is not None:
        return Answer(verdict, f"{reason} (a success by its status, a failure by its body)", status)
    if status in _TEMPORARY or status >= 500:
        after = retry_after(headers.get("Retry-After"), now, MOST_RETRY_AFTER)
        return Answer("try_again", reason, status, after)
    return Answer("refused", reason, status)


def _unusable(url: str) -> str | None:
    """Why nothing is ever sent to this address, in words that don't show it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "the address is not a URL"
    if parts.scheme == "https" and host:
        return None
    if parts.scheme == "http" and _is_this_machine(host):
        return None
    return "the address must begin with https://"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _beginning(response: "requests.Response") -> bytes:
    """The beginning of the answer's body, as far as it arrives in time."""
    from urllib3.exceptions import HTTPError

    try:
        body: bytes = response.raw.read1(_EXCERPT_BYTES)
    except (HTTPError, OSError, HTTPException, ValueError):
        return b""
    return body[:_EXCERPT_BYTES]


def _cause(error: BaseException) -> str:
    """Why the request failed, without the address that the exceptions' own texts hold."""
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted: {cause.verify_message}"
    for kinds, words in _CAUSES:
        if any(isinstance(cause, kinds) for cause in chain):
            return words
    return "the connection broke"


_NO_ANSWER = "no answer in time"
_CAUSES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ssl.SSLError, "no TLS connection could be made"),
    (socket.gaierror, "its name can't be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, _NO_ANSWER),
    (ConnectionResetError, "the connection was reset"),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all its causes; urllib3 hides some in `reason` and `args`."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            yield cause
            further = [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            waiting += [*further, *cause.args]
