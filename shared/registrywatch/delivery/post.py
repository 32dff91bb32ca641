"""One POST, and its result, as data.

https only (http to this very machine, for tests), certificates verified, no redirect followed, and
an end to everything: connecting, each read, and all of it together. No address, header or body of a
request gets into a reason or a log: any of them may be a secret.
"""

import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from registrywatch.delivery.answers import EXCERPT_BYTES, judged
from registrywatch.delivery.destinations.aws_call import AwsCall, call
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.delivery.tokens import bearer
from registrywatch.sdk_logs import quiet_http

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0


def post(request: Request, now: float) -> Answer:
    """Send `request`. Never raises for what a network or a server may do.

    Raises SecretError where it needs a token and there is none.
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

    session = _session()
    with _deadline() as deadline:
        try:
            response = session.post(
                request.url,
                data=request.body,
                headers=dict(request.headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return Answer("try_again", _NO_ANSWER if deadline.expired else _cause(error))
        except requests.exceptions.InvalidHeader:
            return Answer("refused", "a header can't be sent: it holds a character that may not")
        except (requests.RequestException, HTTPError, HTTPException, ValueError):
            return Answer("refused", "the address can't be used")
        with response:
            status = response.status_code
            # A 2xx says it all by its status, unless the receiver is known for saying more
            needed = not 200 <= status < 300 or request.objection is not None
            body = _beginning(response) if needed else b""
            return judged(request, status, response.headers, body, now)


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


def _beginning(response: "requests.Response") -> bytes:
    """The beginning of the answer's body: what arrives in time."""
    from urllib3.exceptions import HTTPError

    try:
        body: bytes = response.raw.read1(EXCERPT_BYTES)
    except (HTTPError, OSError, HTTPException, ValueError):
        return b""
    return body[:EXCERPT_BYTES]


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


_NO_ANSWER = "no answer in time"
_CAUSES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ssl.SSLError, "no TLS connection could be made"),
    (socket.gaierror, "its name can't be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, _NO_ANSWER),
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


@cache
def _session() -> "requests.Session":
    """One for the process. It keeps no cookies, and urllib3 logs nothing."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    quiet_http()
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "identity"
    adapter = _adapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Deadline:
    """The end of a whole request: when it is there, the request's connection is cut."""

    def __init__(self) -> None:
        self.expired = False
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    def watch(self, connection: Any) -> None:
        """The connection to cut; a copy of it, for TLS takes the original over."""
        with self._lock:
            self._forget()
            self._connection = socket.socket(fileno=os.dup(connection.fileno()))
            if self.expired:
                self._cut()

    def expire(self) -> None:
        with self._lock:
            self.expired = True
            self._cut()

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _cut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):  # closed already
                self._connection.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_here = threading.local()  # the deadline of the request that this thread makes


@contextmanager
def _deadline() -> Iterator[_Deadline]:
    deadline = _here.deadline = _Deadline()
    timer = threading.Timer(TOTAL_SECONDS, deadline.expire)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
        deadline.close()
        del _here.deadline


def _adapter() -> Any:
    """An adapter whose connections know the deadline of their request."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Watched:
        """Sets the deadline of each connection, new or from the pool."""

        sock: Any

        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()  # type: ignore[misc]
            _here.deadline.watch(made)
            return made

        def getresponse(self) -> Any:
            _here.deadline.watch(self.sock)
            response = super().getresponse()  # type: ignore[misc]
            if _here.deadline.expired:
                raise TimeoutError  # the head is what had arrived when the connection was cut
            return response

    class Http(Watched, HTTPConnection):
        pass

    class Https(Watched, HTTPSConnection):
        pass

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
