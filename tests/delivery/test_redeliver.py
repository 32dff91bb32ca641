"""`registrywatch redeliver`: what lies in the dead-letter queue is sent again."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from moto.core.utils import unix_time_millis

from registrywatch.aws import clients
from registrywatch.aws.queue import Queue as SqsQueue
from registrywatch.aws.queue import queue_at
from registrywatch.cli import main
from registrywatch.delivery import encode_message, messages_for
from registrywatch.delivery.message import Message, Unreadable, decode_message
from registrywatch.sdk import azure_identity
from tests.builders.alerts import an_alert
from tests.delivery.world import START, webhook


def dead_message(number: int, destination: str = "webhook") -> Message:
    [message] = messages_for(an_alert(number), (webhook(),), START)
    return msgspec.structs.replace(
        message,
        destination=destination,
        waits=17,
        not_before=START + 1e6,
        reason="given up after 6 hours: webhook: answered 503",
    )


class TestRedeliver:
    def queues(self, sqs: Any, *bodies: str) -> tuple[str, str]:
        alerts, dead = (sqs.create_queue(QueueName=n)["QueueUrl"] for n in ("alerts", "dead"))
        for body in bodies:
            sqs.send_message(QueueUrl=dead, MessageBody=body)
        return alerts, dead

    def all_of(self, sqs: Any, url: str) -> list[str]:
        found: list[str] = []
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in got]
        return found

    def test_dead_letters_go_back_to_the_queue_as_if_they_were_new(
        self, sqs: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        letters = [encode_message(dead_message(number)) for number in range(25)]
        alerts, dead = self.queues(sqs, *letters)
        assert main(["redeliver", "--from", dead, "--to", alerts]) == 0
        messages = [decode_message(body) for body in self.all_of(sqs, alerts)]
        assert {message.alert.id for message in messages if isinstance(message, Message)} == {
            an_alert(number).id for number in range(25)
        }
        for message in messages:
            assert isinstance(message, Message)
            assert (message.waits, message.not_before, message.reason) == (0, 0, None)
            assert message.since > START
        left = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
        assert left["ApproximateNumberOfMessages"] == "0"
        assert left["ApproximateNumberOfMessagesNotVisible"] == "0"
        shown = capsys.readouterr().out
        assert "25 sent again." in shown
        assert " old: webhook: medium ecr-images-deleted: Dev deleted 12 images" in shown
        assert "(given up after 6 hours: webhook: answered 503)" in shown
        assert "No letter was there" not in shown
        assert main(["redeliver", "--from", dead, "--to", alerts]) == 0
        assert capsys.readouterr().out == (
            "No letter was there. One that another command took shows again in two minutes.\n"
            "0 sent again.\n"
        )

    def test_what_is_no_alert_stays_and_is_named(
        self, sqs: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        unreadable = encode_message(Unreadable(unreadable="{", reason="why"))
        alerts, dead = self.queues(sqs, unreadable, encode_message(dead_message(1)))
        assert main(["redeliver", "--from", dead, "--to", alerts]) == 1
        assert len(self.all_of(sqs, alerts)) == 1
        left = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
        assert left["ApproximateNumberOfMessages"] == "1"
        shown = capsys.readouterr()
        assert "no alert (why): why" in shown.err, "by the reason that is stored with it"
        assert "1 sent again, 1 stay." in shown.out

    def test_one_destination_s_letters_alone(self, sqs: Any) -> None:
        letters = [dead_message(1, "slack"), dead_message(2, "webhook")]
        alerts, dead = self.queues(sqs, *map(encode_message, letters))
        arguments = ["redeliver", "--from", dead, "--to", alerts, "--destination", "slack"]
        assert main(arguments) == 0
        [body] = self.all_of(sqs, alerts)
        message = decode_message(body)
        assert isinstance(message, Message)
        assert message.destination == "slack"
        assert main([*arguments[:-1], "webhook"]) == 0
        assert len(self.all_of(sqs, alerts)) == 1, "what was passed over is there at once"

    def test_a_dry_run_moves_nothing(self, sqs: Any, capsys: pytest.CaptureFixture[str]) -> None:
        alerts, dead = self.queues(sqs, encode_message(dead_message(1)))
        assert main(["redeliver", "--from", dead, "--to", alerts, "--dry-run"]) == 0
        assert self.all_of(sqs, alerts) == []
        assert "1 would be sent again." in capsys.readouterr().out
        assert main(["redeliver", "--from", dead, "--to", alerts]) == 0
        assert len(self.all_of(sqs, alerts)) == 1

    def test_without_queues_it_says_what_to_give(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["redeliver"])
        assert stopped.value.code == 2
        said = capsys.readouterr().err
        assert "the dead-letter queue is not known: give its URL by --from" in said

    def test_what_stays_and_appears_again_meanwhile_does_not_end_it(
        self, sqs: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The letters passed over appear again after a second here: longer runs meet the same."""
        monkeypatch.setattr("registrywatch.aws.queue._HIDDEN_SECONDS", 1)
        letters = [dead_message(n, "slack" if n % 2 else "webhook") for n in range(60)]
        alerts, dead = self.queues(sqs, *map(encode_message, letters))
        remove, real, later = SqsQueue.remove, unix_time_millis, 0.0
        monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda: real() + later)

        def slowly(queue: SqsQueue, some: Any) -> None:
            nonlocal later
            later += 300.0
            remove(queue, some)

        monkeypatch.setattr(SqsQueue, "remove", slowly)
        arguments = ["redeliver", "--from", dead, "--to", alerts, "--destination", "slack"]
        assert main(arguments) == 0
        assert "30 sent again." in capsys.readouterr().out
        assert len(self.all_of(sqs, alerts)) == 30

    def test_one_letter_can_be_shown_and_dropped(
        self, sqs: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        unreadable = encode_message(Unreadable(unreadable="{", reason="why"))
        alerts, dead = self.queues(sqs, unreadable, encode_message(dead_message(1)))
        queues = ["redeliver", "--from", dead]
        assert main([*queues, "--dry-run"]) == 1
        [line] = [each for each in capsys.readouterr().out.splitlines() if "no alert" in each]
        identity = line.split()[2]
        assert main([*queues, "--show", identity]) == 0
        shown = capsys.readouterr().out
        assert json.loads(shown) == json.loads(unreadable)
        assert shown.startswith('{\n  "unreadable": "{"')
        assert main([*queues, "--drop", identity]) == 0
        assert "dropped: " in capsys.readouterr().out
        assert main([*queues, "--drop", identity]) == 1
        assert "there is no letter with the id" in capsys.readouterr().err
        assert main([*queues, "--to", alerts]) == 0
        assert len(self.all_of(sqs, alerts)) == 1

    def test_a_destination_that_no_letter_is_for_is_an_error(
        self, sqs: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        alerts, dead = self.queues(sqs, encode_message(dead_message(1, "slack")))
        arguments = ["redeliver", "--from", dead, "--to", alerts, "--destination", "slak"]
        assert main(arguments) == 1
        assert "no letter is for 'slak'; letters are for: slack" in capsys.readouterr().err

    def test_a_queue_that_is_not_there_is_named(
        self, sqs: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = "https://sqs.eu-west-1.amazonaws.com/123456789012/gone"
        alerts, _ = self.queues(sqs)
        assert main(["redeliver", "--from", gone, "--to", alerts]) == 1
        shown = capsys.readouterr()
        assert "queue gone: receive_message" in shown.err
        assert shown.out == "", "nothing was read, so that nothing is counted"

    def test_what_was_sent_before_a_queue_failed_is_counted(
        self, sqs: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        alerts, dead = self.queues(sqs, *(encode_message(dead_message(n)) for n in range(12)))
        remove, real, later = SqsQueue.remove, unix_time_millis, 0.0
        monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda: real() + later)

        def once(queue: SqsQueue, some: Any) -> None:
            remove(queue, some)
            sqs.delete_queue(QueueUrl=dead)

        monkeypatch.setattr(SqsQueue, "remove", once)
        assert main(["redeliver", "--from", dead, "--to", alerts]) == 1
        assert "10 sent again before that; the rest is still there." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("dead", "alerts", "--from: 'dead' is not the URL of a queue, such as https://sqs.REGION."),
        ("https://example.com/x", "https://example.com/y", "is not the URL of a queue"),
        ("https://acme.table.core.windows.net/windows", "x", "is not the URL of a queue"),
        ("https://acme.queue.core.windows.net/", "x", "is not the URL of a queue"),
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/dead",
            "https://acme.queue.core.windows.net/alerts",
            "one of the two queues is of SQS",
        ),
        (
            "https://acme.queue.core.windows.net/alerts",
            "https://acme.queue.core.windows.net/alerts",
            "--from and --to name the same queue",
        ),
    ],
)
def test_queues_that_can_not_be_meant_are_wrong_usage(
    source: str, target: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["redeliver", "--from", source, "--to", target])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def signed_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """A shell that is signed in nowhere."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr(clients, "_clients", {})
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    monkeypatch.setattr(azure_identity, "_identities", {None: SignedOut()})
    monkeypatch.setattr("azure.core.pipeline.transport.HttpTransport.sleep", lambda *_: None)
    yield


class SignedOut:
    """The shell's identity where no one is signed in: the exception's text, and what it logs."""

    def get_token(self, *_: object, **__: object) -> None:
        from azure.core.exceptions import ClientAuthenticationError

        raise ClientAuthenticationError(
            "DefaultAzureCredential failed to retrieve a token from the included credentials.\n"
            "Attempted credentials:\n\tEnvironmentCredential: unavailable."
        )


@pytest.mark.usefixtures("signed_out")
@pytest.mark.parametrize(
    ("place", "said"),
    [
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/",
            "queue dead: receive_message: no AWS credentials were found: set AWS_PROFILE, or "
            "sign in with the AWS CLI",
        ),
        (
            "https://acme.queue.core.windows.net/",
            "queue dead: no one is signed in to Azure: run `az login`",
        ),
    ],
)
def test_without_credentials_one_line_says_so(
    place: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["redeliver", "--from", f"{place}dead", "--to", f"{place}alerts"]) == 1
    shown = capsys.readouterr()
    assert shown.err == f"registrywatch: {said}\n"
    assert shown.out == ""


def test_the_sdk_s_page_about_credentials_is_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_identity, "_identities", {})
    azure_identity.identity(None)
    assert not logging.getLogger("azure.identity._credentials.chained").isEnabledFor(logging.ERROR)


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
        "https://eu-central-1.queue.amazonaws.com/123456789012/dead",
    ],
)
def test_a_queue_is_asked_in_the_region_of_its_url(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, str]] = []
    monkeypatch.setattr("registrywatch.aws.queue.client", lambda *of: made.append(of))
    queue_at(url)
    assert made == [("sqs", "eu-central-1")]
