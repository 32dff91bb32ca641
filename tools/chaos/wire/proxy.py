"""An HTTP proxy on the loopback before one server, which injects faults."""

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from tools.chaos.wire.faults import WireFaults

HANG_SECONDS = 3.0
"""Seconds; longer than the clients wait for a response (`chain.PATIENCE`)."""

_LATE_SECONDS = 2.0
_UPSTREAM_SECONDS = 30.0
_RESET = struct.pack("ii", 1, 0)


class Reply(msgspec.Struct, frozen=True):
    """A response, from the server or from the proxy instead of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Throttle = Callable[[float], Reply]
"""How a service throttles: its response, chosen by a number from 0 to 1."""


def dynamodb(choice: float) -> Reply:
    kind = "ProvisionedThroughputExceeded" if choice < 0.5 else "Throttling"
    return _json(400, f"com.amazonaws.dynamodb.v20120810#{kind}Exception")


def sqs(_: float) -> Reply:
    return _json(403, "com.amazonaws.sqs#RequestThrottled")


def table_storage(_: float) -> Reply:
    message = {"lang": "en-US", "value": "The server is busy."}
    error = {"odata.error": {"code": "ServerBusy", "message": message}}
    return _busy("application/json", json.dumps(error).encode())


def queue_storage(_: float) -> Reply:
    text = "<Error><Code>ServerBusy</Code><Message>The server is busy.</Message></Error>"
    return _busy("application/xml", f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode())


def _json(status: int, kind: str) -> Reply:
    body = json.dumps({"__type": kind, "message": "Rate exceeded"}).encode()
    return Reply(status, {"Content-Type": "application/x-amz-json-1.0"}, body)


def _busy(kind: str, body: bytes) -> Reply:
    return Reply(503, {"Content-Type": kind, "x-ms-error-code": "ServerBusy"}, body)


@contextmanager
def proxy(port: int, faults: WireFaults, throttle: Throttle) -> Iterator[int]:
    """A proxy before the server at `port`, until the block ends; yields the proxy's port."""

    class Handler(_Handler):
        wire = Wire(port, faults, throttle)

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
            Handler.wire.settle()


class Wire:
    """What the proxy works with: the server, the faults, and delayed requests."""

    def __init__(self, port: int, faults: WireFaults, throttle: Throttle) -> None:
        self.faults = faults
        self.throttle = throttle
        self._port = port
        self._late: list[threading.Thread] = []

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The server's response."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_UPSTREAM_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in {"connection", "expect", "transfer-encoding"}:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def ask_later(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send the request after a delay, and drop the response."""

        def arrive(after: float) -> None:
            time.sleep(after)
            with suppress(OSError, http.client.HTTPException):
                self.ask(method, path, headers, body)

        late = threading.Thread(target=arrive, args=(_LATE_SECONDS * self.faults.chance(),))
        late.start()
        self._late.append(late)

    def settle(self) -> None:
        """Wait for the delayed requests."""
        for thread in self._late:
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnected: the faults cause that."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers wait 40 ms for their body
    wire: Wire

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: there are thousands of requests."""

    def _pass(self) -> None:
        body = self._body()
        asked = (self.command, self.path, dict(self.headers.items()), body)
        fault = self.wire.faults.draw()
        match fault:
            case "throttled":
                self._answer(self.wire.throttle(self.wire.faults.chance()))
            case "cut":
                self._cut()
            case "late":
                self.wire.ask_later(*asked)
                self._cut()
            case "hangs":
                time.sleep(HANG_SECONDS)
                self._cut()
            case "answer cut":
                self.wire.ask(*asked)
                self._cut()
            case "answer lost":
                self.wire.ask(*asked)
                time.sleep(HANG_SECONDS)
                self._cut()
            case "answer halved":
                self._answer(self.wire.ask(*asked), halved=True)
            case None:
                self._answer(self.wire.ask(*asked))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_MERGE = do_HEAD = _pass  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        self.headers["Content-Length"] = str(sum(map(len, parts)))
        return b"".join(parts)

    def _answer(self, reply: Reply, *, halved: bool = False) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        if reply.status not in {204, 304}:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if halved else reply.body)
        if halved:
            self.wfile.flush()
            self._cut()

    def _cut(self) -> None:
        """End the connection: mostly with a reset, as a middlebox does."""
        self.close_connection = True
        if self.wire.faults.chance() < 0.7:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with suppress(OSError):
                self.rfile.close()
                self.wfile.close()
            self.connection.close()
