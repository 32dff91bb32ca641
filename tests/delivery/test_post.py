"""One POST against a server that misbehaves."""

import io
import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from registrywatch.delivery import post as posting
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.post import post
from tests.builders.cases import for_each
from tests.delivery.misbehaving import (
    Script,
    answer,
    drip,
    hang,
    own_certificate,
    raw,
    reset,
    serving,
)

NOW = 1_785_575_412.0
BODY = b'{"routing_key": "R0UTINGKEY", "text": "hello"}'


def to(url: str) -> Request:
    return Request(url, BODY, {"Content-Type": "application/json"}, secrets=("R0UTINGKEY",))


def asked(*scripts: Script) -> Answer:
    with serving(*scripts) as server:
        return post(to(server.url), NOW)


def in_http(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
def test_any_2xx_is_delivery(status: str) -> None:
    assert asked(answer(status, b"ok" if "204" not in status else b"")).verdict == "delivered"


def test_the_body_and_headers_arrive_as_they_are() -> None:
    with serving(answer("200 OK")) as server:
        post(to(server.url), NOW)
        [received] = server.requests
    assert received.startswith(b"POST /hook/T0SECRET/B0SECRET HTTP/1.1\r\n")
    assert received.endswith(b"\r\n\r\n" + BODY)


@for_each("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_heal_is_tried_again(status: int) -> None:
    got = asked(answer(f"{status} Trouble", b"later"))
    assert (got.verdict, got.status) == ("try_again", status)
    assert got.reason == f"answered {status}: later"


@for_each("status", [400, 401, 403, 404, 405, 410, 413, 418, 422, 451])
def test_what_can_not_heal_is_refused(status: int) -> None:
    got = asked(answer(f"{status} No", b"invalid_payload"))
    assert (got.verdict, got.status) == ("refused", status)
    assert got.reason == f"answered {status}: invalid_payload"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with serving(answer("200 OK")) as elsewhere:
        got = asked(answer(f"{status} Moved", b"", f"Location: {elsewhere.url}"))
        assert elsewhere.requests == []
    assert got.verdict == "refused"
    assert got.reason == f"answered {status}, a redirect, which is not followed"


def test_429_hands_on_how_long_to_wait() -> None:
    assert asked(answer("429 Too Many", b"", "Retry-After: 7")).after == 7
    assert asked(answer("429 Too Many", b"", f"Retry-After: {in_http(7)}")).after == 7
    assert asked(answer("429 Too Many")).after is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (reset, "the connection was reset"),
        (raw(b""), "the connection was reset"),
        (raw(b"\x16\x03\x01 garbage\r\n\r\n"), "the connection broke"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "the connection broke"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), "the connection broke"),
    ],
)
def test_a_connection_that_breaks_is_tried_again(script: Script, reason: str) -> None:
    assert asked(script) == Answer("try_again", reason)


def test_a_port_without_a_server_is_tried_again() -> None:
    with serving(answer("200 OK")) as server:
        url = server.url
    assert post(to(url), NOW) == Answer("try_again", "the connection was refused")


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows nothing; no question leaves this machine."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.mark.usefixtures("no_names")
def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    got = post(to("https://registrywatch.invalid/hook"), NOW)
    assert got == Answer("try_again", "its name can't be resolved")


def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "READ_SECONDS", 0.2)
    assert asked(hang(2)) == Answer("try_again", "no answer in time")


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        (b"HTTP/1.1 2", "try_again"),
        (b"HTTP/1.1 500 Broken\r\nX-Slow: ", "try_again"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", "try_again"),  # cut off by us: no success
    ],
)
def test_a_head_that_drips_in_ends(
    head: bytes, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.3)
    began = time.monotonic()
    assert asked(drip(head, pause=0.05, times=100)).verdict == verdict
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"HTTP/1.1 500 X\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\n",
    ],
)
def test_an_excerpt_that_drips_in_ends(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.3)
    began = time.monotonic()
    assert asked(drip(head, pause=0.05, times=200)).verdict == "try_again"
    assert time.monotonic() - began < 2


def test_the_deadline_is_of_each_request_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.4)
    with serving(answer("200 OK")) as server:
        for _ in range(3):
            assert post(to(server.url), NOW).verdict == "delivered"
            time.sleep(0.2)


def test_a_body_that_drips_in_or_is_huge_is_not_waited_for() -> None:
    head = b"HTTP/1.1 %s\r\nContent-Length: 1000000000\r\n\r\n"
    began = time.monotonic()
    assert asked(drip(head % b"200 OK", 0.05, 60)).verdict == "delivered"
    got = asked(raw(head % b"500 Broken" + b"oops " * 1_000_000))
    assert got.verdict == "try_again"
    assert len(got.reason) < 250
    assert time.monotonic() - began < 2


def test_what_an_answer_says_is_made_visible_and_cut() -> None:
    got = asked(answer("400 No", b"\x1b[2J\xff\x00 a\nb " + b"z" * 500))
    assert got.reason.startswith("answered 400: \\x1b[2J\ufffd\\x00 a\\nb zzz")
    assert len(got.reason) <= len("answered 400: ") + 200


def test_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = own_certificate(tmp_path)
    with serving(answer("200 OK"), tls=context) as server:
        got = post(to(server.url), NOW)
        assert got.verdict == "try_again"
        assert got.reason.startswith("its certificate is not accepted: self-signed certificate")
        assert server.requests == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert post(to(server.url), NOW).verdict == "delivered"


def test_a_server_without_tls_behind_https_is_no_delivery() -> None:
    with serving(answer("200 OK")) as server:
        got = post(to(server.url.replace("http:", "https:")), NOW)
    assert got == Answer("try_again", "no TLS connection could be made")


@for_each(
    "url",
    [
        "http://hooks.slack.com/services/T0SECRET",
        "http://127.0.0.1.evil.test/T0SECRET",
        "http://10.0.0.1/T0SECRET",
        "ftp://example.test/T0SECRET",
        "file:///etc/T0SECRET",
        "T0SECRET",
        "https:///T0SECRET",
        "https://[T0SECRET",
        f"https://{'T0SECRET' * 10}.example.test/x",
        "",
    ],
)
def test_only_https_is_spoken_except_to_this_machine(url: str) -> None:
    got = post(to(url), NOW)
    assert got.verdict == "refused"
    assert "T0SECRET" not in got.reason


SECRETS = ("T0SECRET", "B0SECRET", "R0UTINGKEY", "/hook/")


@pytest.mark.parametrize(
    "script",
    [
        answer("400 No", b"no such hook: /hook/T0SECRET/B0SECRET"),
        answer("500 No", b"key R0UTINGKEY is unknown"),
        answer("302 Found", b"", "Location: /hook/T0SECRET/B0SECRET"),
        reset,
        raw(b"/hook/T0SECRET/B0SECRET"),
        answer("200 OK", b"ok"),
    ],
)
def test_no_secret_is_shown_or_logged(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    got = asked(script)
    for secret in SECRETS:
        assert secret not in repr(got)
        assert secret not in caplog.text
        assert secret not in repr(to(f"https://example.test{secret}"))


@pytest.mark.usefixtures("no_names")
def test_a_connection_error_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    got = post(to("https://registrywatch.invalid/hook/T0SECRET?key=B0SECRET"), NOW)
    assert "SECRET" not in repr(got) + caplog.text


def test_cookies_are_not_kept() -> None:
    with serving(answer("200 OK", b"", "Set-Cookie: a=b; Path=/")) as server:
        post(to(server.url), NOW)
        post(to(server.url), NOW)
        assert b"cookie" not in server.requests[1].lower()


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All that any logger says, as a root handler of Lambda or of an application sees it."""
    said = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(said)
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield said
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 500 X\r\nno colon here\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 X\r\n begins with a space: x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 X\r\nContent-Type: multipart/mixed\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_malformed_head_puts_no_address_into_any_log(
    head: bytes, everything_logged: io.StringIO
) -> None:
    asked(raw(head))
    assert "SECRET" not in everything_logged.getvalue()


def test_a_header_that_can_not_be_sent_is_named_as_such() -> None:
    with serving(answer("200 OK")) as server:
        got = post(Request(server.url, b"{}", {"X-Strange": "a\r\nb: T0SECRET"}), NOW)
        assert server.requests == []
    assert got == Answer("refused", "a header can't be sent: it holds a forbidden character")
