"""Every failure that a server can play, met by the built delivery function in Lambda's runtime.

Lambda's root handler writes down what any library says, here at DEBUG. A function that hangs is
killed after its 60 seconds, and its batch comes again: each failure must end before.
"""

import json
import time

import pytest

from registrywatch.delivery.message import Message, encode_message
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.delivery import test_no_secret_is_written as failures
from tests.delivery.misbehaving import drip, hang, serving
from tests.delivery.test_no_secret_is_written import FAILURES, telling_parts
from tests.integration.aws.stack import Stack

pytestmark = pytest.mark.real

ENDLESS = {
    "a head that drips for ever": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.5, 200),
    "chunks that drip for ever": drip(
        b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n1;", 0.5, 200
    ),
    "no answer at all": hang(30),
}


def test_no_failure_of_a_server_kills_the_function_or_shows_a_secret(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = {**FAILURES, **ENDLESS}
    with serving(*scripts.values()) as server:
        monkeypatch.setattr(failures, "HEARD", server.requests)
        stack.environment |= {
            "REGISTRYWATCH_WEBHOOK_URL": f"http://bot:{failures.PASSWORD}@127.0.0.1:{server.port}"
            f"/{failures.PATH}/{failures.QUOTED}?sig={failures.QUERY}",
            "REGISTRYWATCH_WEBHOOK_SECRET": failures.KEY,
            "REGISTRYWATCH_WEBHOOK_HEADERS": f"Authorization: Splunk {failures.TOKEN}",
            "REGISTRYWATCH_WEBHOOK_FOLD_SECONDS": "0",
            "AWS_SESSION_TOKEN": failures.TOKEN,
            "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "POWERTOOLS_LOG_LEVEL": "DEBUG",
        }
        deliver = stack.function("DeliveryFunction")
        for number, name in enumerate(scripts):
            # Critical alerts are tried at once, whatever failed before them
            alert = an_alert(number, severity=Severity.CRITICAL)
            message = Message(destination="webhook", alert=alert, since=time.time())
            began = time.monotonic()
            assert stack.batch("DeliveryFunction", [encode_message(message)]) == [], name
            assert time.monotonic() - began < 25, name
        assert len(server.requests) == len(scripts)
    log = deliver.log.read_text(errors="replace")
    dead = json.dumps(stack.messages(stack.dead_letters))
    waiting = json.dumps(stack.messages(stack.alert_queue))
    assert telling_parts("\n".join((log, dead, waiting))) == []
    results = [line["result"] for line in deliver.logged() if line.get("message") == "delivery"]
    assert len(results) == len(scripts), log
    assert set(results) == {"rescheduled", "dead_lettered", "delivered"}
