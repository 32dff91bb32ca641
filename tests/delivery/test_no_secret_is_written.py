"""No secret of any destination is in a log, an outcome, a dead letter or a notice, in any form.

Every kind of destination meets every failure that a server can play. The root logger writes down
what any library says, at any level, and what was written is searched for parts of the secrets.
"""

import base64
import io
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

import boto3
import msgspec
import pytest

from registrywatch.delivery import Destination, SecretRef, read_message, transport
from registrywatch.delivery import post as posting
from registrywatch.delivery.destinations import DestinationKind, every_kind
from registrywatch.delivery.destinations import aws_call as calls
from registrywatch.delivery.destinations.webhook import WEBHOOK
from registrywatch.delivery.message import Message, encode_message
from registrywatch.delivery.outage import SILENT_SECONDS
from registrywatch.delivery.post import post
from tests.builders.alerts import an_alert
from tests.delivery.misbehaving import Script, answer, drip, hang, raw, reset, serving
from tests.delivery.world import START, World, of_kind, webhook

PATH = "T7kQ2mX9vB4nR8sD"
ODD = "w5Zc+Lp1 Jh6Gf"  # with what is percent-encoded in an address
QUERY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ0bC2eF4hJ6kL8nP0"
PASSWORD = "yU8iO3pA6sD1fG4"
KEY = "k9Jw3Nd7Qz2Xv6Ty1Rm5Lb8Hc4Gp0Fs3"
TOKEN = "eyQ4bN8kV2zM6xW0cR9tP5jL1hG7"
SECRETS = (PATH, ODD, QUERY, PASSWORD, KEY, TOKEN)
TELLING = 7  # characters of a secret in a row

BASIC = base64.b64encode(f"bot:{PASSWORD}".encode()).decode()
QUOTED = quote(ODD, safe="")


def repeated(change: Callable[[str], str] = lambda text: text, status: int = 400) -> Script:
    """An answer whose body is the request itself, in some other form."""

    def play(connection: socket.socket) -> None:
        heard = HEARD[-1].decode("latin-1")
        answer(f"{status} No", change(heard).encode("latin-1", "replace"))(connection)

    return play


HEARD: list[bytes] = []  # what the server that is up was sent


def cut_off(text: str) -> str:
    """The secrets lie across the end of what is read of an answer."""
    return "." * 990 + text.partition("HTTP/1.1")[0]


FORMS: dict[str, Callable[[str], str]] = {
    "as it was": lambda text: text,
    "decoded": unquote,
    "decoded twice": lambda text: unquote(unquote(text)),
    "encoded": lambda text: quote(text, safe=""),
    "in capitals": str.upper,
    "in small letters": str.lower,
    "escaped for HTML": lambda text: text.replace("&", "&amp;").replace("+", "&#43;"),
    "escaped for JSON": lambda text: msgspec.json.encode(text).decode().replace("/", "\\/"),
    "cut off": cut_off,
    "only its headers": lambda text: text.partition("\r\n")[2],
    "its password": lambda text: f"bad: Basic {BASIC} or {PASSWORD}, {text[:20]}",
}
FAILURES: dict[str, Script] = {
    **{f"400, {name}": repeated(change) for name, change in FORMS.items()},
    **{f"{status}": repeated(status=status) for status in (401, 404, 410, 429, 500, 503)},
    "200 that says no": repeated(lambda text: f'{{"ok": false, "error": "{text[:60]}"}}', 200),
    "200 of a connector": repeated(lambda text: f"delivery failed with error {text}", 200),
    "redirect": answer("302 Found", b"", f"Location: /{PATH}?sig={QUERY}"),
    "head without a colon": raw(b"HTTP/1.1 500 X\r\nno colon here\r\nContent-Length: 0\r\n\r\n"),
    "head that begins with a space": raw(b"HTTP/1.1 500 X\r\n folded: x\r\n\r\n"),
    "multipart without a boundary": raw(
        b"HTTP/1.1 500 X\r\nContent-Type: multipart/mixed\r\nContent-Length: 0\r\n\r\n"
    ),
    "dripping head": drip(b"HTTP/1.1 500 X\r\nX-Slow: ", 0.02, 5),
    "dripping body": drip(f"HTTP/1.1 500 X\r\n\r\n/{PATH}/".encode(), 0.02, 5),
    "dripping chunks": drip(b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n1;", 0.02, 5),
    "bad chunks": raw(
        b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + PATH.encode()
    ),
    "silence": hang(0.1),
    "reset": reset,
    "nothing": raw(b""),
    "garbage": raw(f"\x16\x03\x01 {PATH} {QUERY}\r\n\r\n".encode()),
    "endless head": raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "bad length": raw(b"HTTP/1.1 500 X\r\nContent-Length: many\r\n\r\n" + PATH.encode()),
}

ENDLESS = ("dripping head", "dripping body", "dripping chunks", "silence")
"""What ends by the limit alone."""


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What any logger says at any level, as Lambda's root handler sees it at DEBUG."""
    said = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(said)
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    monkeypatch.setattr(posting, "bearer", lambda _: TOKEN)
    loggers = [logging.getLogger(name) for name in ("urllib3", "botocore")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:  # as in a process that has just started
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
    transport.session.cache_clear()
    calls._client.cache_clear()
    yield said
    transport.session.cache_clear()
    calls._client.cache_clear()
    for logger, (level_before, propagate) in zip(loggers, before, strict=True):
        logger.setLevel(level_before)
        logger.propagate = propagate
    root.removeHandler(handler)
    root.setLevel(level)


def telling_parts(text: str) -> list[str]:
    """The secrets of which a telling part stands in the text, in whatever spelling."""
    plain = "".join(filter(str.isalnum, unquote(text).casefold()))
    secrets = (*SECRETS, BASIC)
    parts = {
        secret: "".join(filter(str.isalnum, secret.casefold().removesuffix("==")))
        for secret in secrets
    }
    return [
        secret
        for secret, part in parts.items()
        if any(part[at : at + TELLING] in plain for at in range(len(part) - TELLING + 1))
    ]


def with_secrets(kind: DestinationKind, port: int) -> Destination:
    """A destination of that kind at a server on this machine, full of secrets."""
    to = of_kind(kind, f"http://bot:{PASSWORD}@127.0.0.1:{port}/{PATH}/{QUOTED}?sig={QUERY}")
    headers = {"HEADERS": SecretRef(f"Authorization: Splunk {TOKEN}")}
    options = {
        name: SecretRef(KEY) if value == SecretRef("k" * 32) else value
        for name, value in to.options.items()
    }
    return msgspec.structs.replace(to, options=options | (headers if kind is WEBHOOK else {}))


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.name)
def test_no_failure_of_any_destination_writes_a_part_of_a_secret(
    kind: DestinationKind,
    everything: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, script in FAILURES.items():
        limit = 0.05 if name in ENDLESS else 1.0
        monkeypatch.setattr(posting, "READ_SECONDS", limit)
        monkeypatch.setattr(posting, "TOTAL_SECONDS", limit)
        with serving(script) as server:
            monkeypatch.setattr(sys.modules[__name__], "HEARD", server.requests)
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
            calls._client.cache_clear()
            to = with_secrets(kind, server.port)
            other = msgspec.structs.replace(webhook(), name="other")
            world = World(to, other)
            courier = world.new_courier(send=post)
            print([courier.deliver(read_message(each)) for each in messages(to, name)])
            notices = [world.queue.take() for _ in range(len(world.queue))]
        said = capfd.readouterr()
        written = (everything.getvalue(), said.out, said.err, str(world.queue.dead), str(notices))
        assert telling_parts("\n".join(written)) == [], f"{kind.name}: {name}"
        everything.truncate(0)


def messages(to: Destination, name: str) -> list[str]:
    """One; where the destination is down, another after so long that the others are informed."""
    since = (START, START - SILENT_SECONDS) if name in ("404", "503") else (START,)
    return [
        encode_message(Message(destination=to.name, alert=an_alert(number), since=at))
        for number, at in enumerate(since)
    ]
