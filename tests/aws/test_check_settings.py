"""The settings are checked by the new code during a deployment, before any function gets them."""

import http.server
import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.aws import check_settings
from registrywatch.settings import parse_delivery

GOOD = {"REGISTRYWATCH_SLACK_WEBHOOK_URL": "ssm:/registrywatch/slack"}
TYPO = {**GOOD, "REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLE": "false"}


class CloudFormation(http.server.BaseHTTPRequestHandler):
    """The presigned address that an answer goes to."""

    answers: ClassVar[list[dict[str, Any]]] = []

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        CloudFormation.answers.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    CloudFormation.answers = []
    with http.server.HTTPServer(("127.0.0.1", 0), CloudFormation) as server:
        threading.Thread(target=server.serve_forever, args=(0.002,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/answer"
        server.shutdown()


def asked(address: str, kind: str = "Update") -> dict[str, str]:
    return {
        "RequestType": kind,
        "ResponseURL": address,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "SettingsCheck",
    }


def set_to(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


def test_settings_that_can_be_used_let_the_deployment_go_on(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(GOOD, monkeypatch)
    check_settings.handler(asked(address, "Create"), None)
    [answer] = CloudFormation.answers
    assert answer["Status"] == "SUCCESS"
    assert answer["RequestId"] == "request"
    assert answer["Data"]["Fingerprint"] == check_settings.fingerprint({})


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_mistake_stops_it_and_is_named(
    kind: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(TYPO, monkeypatch)
    check_settings.handler(asked(address, kind), None)
    [answer] = CloudFormation.answers
    assert answer["Status"] == "FAILED"
    assert "did you mean REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED" in answer["Reason"]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("UPDATE_IN_PROGRESS", "FAILED"),
        ("CREATE_IN_PROGRESS", "FAILED"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "SUCCESS"),
        (None, "FAILED"),
    ],
)
def test_settings_of_before_are_never_refused_on_the_way_back(
    status: str | None, answer: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the stack stays in UPDATE_ROLLBACK_FAILED; what is in SSM is no better on the way."""

    def describe_stacks(StackName: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        if status is None:
            raise EndpointConnectionError(endpoint_url=StackName)
        return {"Stacks": [{"StackStatus": status}]}

    clients = SimpleNamespace(describe_stacks=describe_stacks)
    monkeypatch.setattr(check_settings, "client", lambda _: clients)
    set_to(TYPO, monkeypatch)
    check_settings.handler(asked(address), None)
    assert CloudFormation.answers[0]["Status"] == answer


def test_the_fingerprint_is_of_what_the_template_lists() -> None:
    listed = {
        "ServiceToken": "arn:a",
        "ServiceTimeout": "180",
        "Code": "layer:1",
        "Settings": ["x"],
    }
    again = {"Settings": ["x"], "Code": "layer:1", "ServiceToken": "arn:b"}
    assert check_settings.fingerprint(listed) == check_settings.fingerprint(again)
    for changed in ({"Code": "layer:2"}, {"Settings": ["y"]}, {"Settings": ["", "x"]}):
        other = check_settings.fingerprint({**listed, **changed})
        assert other != check_settings.fingerprint(listed)
        assert len(other) == 32


def test_a_mistake_does_not_stop_a_removal(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(TYPO, monkeypatch)
    check_settings.handler(asked(address, "Delete"), None)
    assert CloudFormation.answers[0]["Status"] == "SUCCESS"


def test_no_destination_at_all_is_a_mistake() -> None:
    assert "no destination" in str(check_settings.problem_of({}))


@pytest.mark.parametrize(
    "mistake",
    [
        {"REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLE": "false"},
        {"REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_QUIET_SECONDS": "60"},
        {"REGISTRYWATCH_PROTECTED_TAG": "x"},
    ],
)
def test_delivery_does_not_die_of_a_mistake_in_another_setting(mistake: dict[str, str]) -> None:
    assert check_settings.problem_of({**GOOD, **mistake})
    [slack] = parse_delivery({**GOOD, **mistake}).destinations
    assert slack.name == "slack"
