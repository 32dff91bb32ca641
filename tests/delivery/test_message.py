"""What lies on the queue can be sent anywhere, and read again."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.alerts import encode
from registrywatch.delivery import messages_for
from registrywatch.delivery.message import Message, Unreadable, decode_message, encode_message
from registrywatch.delivery.queue import AlertSender
from registrywatch.errors import UnreadableInput
from registrywatch.globs import Globs
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.delivery.world import START, MemoryQueue, webhook


def a_message(**said: object) -> Message:
    [message] = messages_for(an_alert(1, **said), (webhook(),), START)
    return message


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200))
def test_any_text_comes_back_as_it_was_from_plain_ascii(text: str) -> None:
    message = a_message(summary=text, repository=text, reasons=(text,))
    body = encode_message(message)
    assert body.isascii()
    assert body.isprintable()
    assert decode_message(body) == message


def test_an_alert_by_itself_is_understood() -> None:
    assert decode_message(encode(an_alert())) == an_alert()


@for_each("body", ["", "null", "[]", "{}", '{"destination": "slack"}', "\ud800"])
def test_anything_else_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableInput):
        decode_message(body.encode("utf-8", "surrogatepass"))


@settings(deadline=None, max_examples=25)
@given(length=st.integers(100, 20_000), char=st.sampled_from("aé€\U0001f600\u202e\x00"))
def test_an_alert_that_is_too_long_is_cut_and_stays_an_alert(length: int, char: str) -> None:
    message = a_message(summary=char * length, reasons=(char * length,) * 30)
    body = encode_message(message, most=48 * 1024)
    assert len(body) <= 48 * 1024
    read = decode_message(body)
    assert isinstance(read, Message)
    assert (read.alert.id, read.alert.time) == (message.alert.id, message.alert.time)


@pytest.mark.parametrize("over", [0, 1, 100])
def test_the_limit_is_kept_to_the_character(over: int) -> None:
    most = 48 * 1024
    room = most - len(encode_message(a_message(summary="")))
    message = a_message(summary="x" * (room + over))
    body = encode_message(message, most)
    assert (len(body) == most) if over == 0 else (len(body) < most)


def test_what_fits_is_not_cut() -> None:
    message = a_message(summary="x" * 3000)
    assert decode_message(encode_message(message, most=48 * 1024)) == message


def test_what_is_unreadable_is_kept_readable() -> None:
    body = encode_message(Unreadable(unreadable="{", reason="why"))
    assert msgspec.json.decode(body) == {"unreadable": "{", "reason": "why"}


def test_an_alert_is_handed_over_to_those_who_want_it_and_their_number_is_said() -> None:
    queue = MemoryQueue(lambda: START)
    routed = msgspec.structs.replace(webhook(), repositories=Globs(("payments/*",)))

    class Texts:
        def send(self, text: str, delay_seconds: int = 0) -> None:
            queue.put(text, delay_seconds)

    send = AlertSender((webhook(least=Severity.HIGH), routed), Texts(), 10**6, lambda: START)
    assert send(an_alert(1, severity=Severity.HIGH, repository="prod/api")) == 1
    assert send(an_alert(2, severity=Severity.LOW, repository="prod/api")) == 0
    assert send(an_alert(3, severity=Severity.HIGH, repository="payments/api")) == 2
    assert len(queue) == 3
