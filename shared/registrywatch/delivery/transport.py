"""The HTTP session that delivery posts with: a whole request ends at a deadline.

`requests` bounds connecting and each single read, not all of them together: a server that sends one
byte every few seconds could hold a request for ever. Here a timer cuts the connection.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests


@cache
def session() -> "requests.Session":
    """One for the process. It keeps no cookies, and urllib3 logs nothing."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    _quiet()
    made = requests.Session()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    made.headers["Accept-Encoding"] = "identity"
    adapter = _adapter()
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def _quiet() -> None:
    """urllib3 logs nothing, whatever the log level.

    It would log paths at DEBUG, and whole addresses at WARNING if a response's headers are
    malformed.
    """
    quiet = logging.getLogger("urllib3")
    quiet.setLevel(logging.CRITICAL + 1)
    quiet.propagate = False


class Deadline:
    """The end of a whole request: at that time, the request's connection is cut."""

    def __init__(self) -> None:
        self.expired = False
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    def watch(self, connection: Any) -> None:
        """The connection to cut; a copy of it, because TLS takes over the original."""
        with self._lock:
            self._forget()
            self._connection = socket.socket(fileno=os.dup(connection.fileno()))
            if self.expired:
                self._cut()

    def expire(self) -> None:
        """Cut the connection: the time is over."""
        with self._lock:
            self.expired = True
            self._cut()

    def close(self) -> None:
        """Forget the connection: the request is over."""
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
def deadline(seconds: float) -> Iterator[Deadline]:
    """End the requests that this thread makes with `session` within the block."""
    ending = _here.deadline = Deadline()
    timer = threading.Timer(seconds, ending.expire)
    timer.daemon = True
    timer.start()
    try:
        yield ending
    finally:
        timer.cancel()
        ending.close()
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
                raise TimeoutError  # the connection was cut before the head was complete
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
