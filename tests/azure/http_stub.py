"""A server on the loopback that answers as told, and remembers what it was asked."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter


class Answer(msgspec.Struct):
    """One answer; a body that is no text is sent as JSON. `hang_up`: the connection breaks."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}
    after: float = 0.0
    hang_up: bool = False


class Asked(msgspec.Struct):
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


class HttpStub:
    """Answers by path; of several answers each serves once and the last for ever after."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[Asked] = []
        self._answers: dict[str, list[Answer]] = {}

    def answers(self, path: str, *answers: Answer | dict[str, Any] | int) -> None:
        """Set what is answered: an Answer, a JSON object with status 200, or a mere status."""
        self._answers[path.lower()] = [
            each
            if isinstance(each, Answer)
            else Answer(status=each)
            if isinstance(each, int)
            else Answer(body=each)
            for each in answers
        ]

    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [each.path for each in self.asked]

    def bodies(self, path: str) -> list[bytes]:
        """What was sent to a path so far."""
        return [each.body for each in self.asked if each.path == path]

    def session_to_any_host(self) -> requests.Session:
        """A session that reaches this server whatever host it asks for."""
        session = requests.Session()
        session.mount("http://", _ToStub(self.url))
        return session

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answers = self._answers.get(asked.path.lower(), [Answer(status=404, body={})])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _ToStub(HTTPAdapter):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.url or "")
        request.headers["Host"] = str(parts.netloc)
        request.url = f"{self._url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **kwargs)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked may have given up waiting
            raise


@contextmanager
def http_stub() -> Iterator[HttpStub]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # in one packet: the client delays its acknowledgement of the first by 40 ms

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            answer = stub.answer(
                Asked(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    dict(self.headers.items()),
                    body,
                )
            )
            time.sleep(answer.after)
            if answer.hang_up:
                self.close_connection = True
                return
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815 - the base class looks for this name

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    stub = HttpStub(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.002,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
