"""One POST, and what came of it, as data.

https only (http to this very machine, for tests), certificates verified, no redirect followed, and
an end to everything: connecting, each read, the answer as a whole. No address, header or body of a
request gets into a reason or a log: any of them may be a secret.
"""

import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.retry_after import retry_after

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0
MOST_RETRY_AFTER = 3600.0
_EXCERPT_BYTES, _EXCERPT = 1024, 200
_HEALING = frozenset({408, 425, 429})  # 4xx that another attempt may heal
_SHORTEST_SECRET = 6  # a shorter part of an address is no secret, and would blank out plain words


def post(request: Request, now: float) -> Answer:
    """Send `request`. Never raises for what a network or a server may do."""
    problem = _unusable(request.url)
    if problem:
        return Answer("refused", problem)
    import requests

    try:
        response = _session().post(
            request.url,
            data=request.body,
            headers=request.headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
    except (requests.ConnectionError, requests.Timeout) as error:
        return Answer("try_again", _cause(error))
    except (requests.RequestException, UnicodeError):
        return Answer("refused", "the address can't be used")
    with response:
        return _judged(response, request, now)


def _judged(response: "requests.Response", request: Request, now: float) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return Answer("delivered", f"answered {status}", status)
    excerpt = _excerpt(response, request)
    reason = f"answered {status}" + (f": {excerpt}" if excerpt else "")
    if status in _HEALING or status >= 500:
        after = retry_after(response.headers.get("Retry-After"), now, MOST_RETRY_AFTER)
        return Answer("try_again", reason, status, after)
    if 300 <= status < 400:
        reason = f"answered {status}, a redirect, which is not followed"
    return Answer("refused", reason, status)


def _unusable(url: str) -> str | None:
    """Why nothing is ever sent to this address, in words that don't show it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "the address is no URL"
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


def _cause(error: BaseException) -> str:
    """What went wrong on the way, without the address that the exceptions' own texts hold."""
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted: {cause.verify_message}"
    for kinds, words in _CAUSES:
        if any(isinstance(cause, kinds) for cause in chain):
            return words
    return "the connection broke"


_CAUSES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ssl.SSLError, "no TLS connection could be made"),
    (socket.gaierror, "its name can't be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, "no answer in time"),
    (ConnectionResetError, "the connection was reset"),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it was made from; urllib3 hides causes in `reason` and `args`."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            yield cause
            further = [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            waiting += [*further, *cause.args]


def _excerpt(response: "requests.Response", request: Request) -> str:
    """The beginning of the answer's body, without what it may repeat of the request."""
    from urllib3.exceptions import HTTPError

    try:
        body = response.raw.read1(_EXCERPT_BYTES)
    except (HTTPError, OSError):
        return ""
    text = body.decode("utf-8", "replace").strip()
    for secret in _secret_parts(request):
        text = text.replace(secret, "***")
    return shown(text, _EXCERPT)


def _secret_parts(request: Request) -> list[str]:
    parts = urlsplit(request.url)
    pieces = [request.url, parts.path, parts.query, *parts.path.split("/"), *parts.query.split("&")]
    pieces += [piece.partition("=")[2] for piece in parts.query.split("&")]
    pieces += [parts.password or "", *_routing_key(request.body)]
    return sorted({p for p in pieces if len(p) >= _SHORTEST_SECRET}, key=len, reverse=True)


def _routing_key(body: bytes) -> list[str]:
    class Keyed(msgspec.Struct):
        routing_key: str = ""

    return [msgspec.json.decode(body, type=Keyed).routing_key]


@cache
def _session() -> "requests.Session":
    """One for the process. No cookies are kept, and no path is logged, whatever the log level."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "identity"
    adapter = _adapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _adapter() -> Any:
    """An adapter whose connections give the whole answer TOTAL_SECONDS, however it drips in."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Http(HTTPConnection):
        def getresponse(self) -> Any:
            with _time_limit(self.sock):
                return super().getresponse()

    class Https(HTTPSConnection):
        def getresponse(self) -> Any:
            with _time_limit(self.sock):
                return super().getresponse()

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    pools = {"http": HttpPool, "https": HttpsPool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = pools
            return manager

    return Adapter(pool_maxsize=8)


@contextmanager
def _time_limit(connection: Any) -> Iterator[None]:
    """Cut the connection when time is up: reads that wait on it end with an error."""

    def cut() -> None:
        try:
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        except OSError:
            return  # closed already

    timer = threading.Timer(TOTAL_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
