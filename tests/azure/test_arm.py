"""Azure Resource Manager is asked patiently, and no failure of it is taken for an answer."""

import email.utils

import pytest
import requests

from registrywatch.azure import http
from registrywatch.azure.arm import Arm
from registrywatch.errors import StateUnknown
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.clock import T0

RESOURCE = "/subscriptions/s/providers/Microsoft.Security/pricings/Containers"
FOUND = {"properties": {"pricingTier": "Free"}}


class Asking:
    """Asks for the resource; `slept` is how long it waited in between, in seconds."""

    def __init__(self, azure: HttpStub) -> None:
        self.slept: list[float] = []
        self._arm = Arm(
            requests.Session(),
            lambda: "secret-token",
            azure.url,
            sleep=self.slept.append,
            clock=lambda: T0,
        )

    def __call__(self) -> object:
        return self._arm.get(RESOURCE, "2024-01-01")


@pytest.fixture
def ask(azure: HttpStub) -> Asking:
    return Asking(azure)


def test_an_answer_is_asked_for_with_token_and_version(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, FOUND)
    assert ask() == FOUND
    [asked] = azure.asked
    assert asked.query == {"api-version": "2024-01-01"}
    assert asked.headers["Authorization"] == "Bearer secret-token"


def test_not_found_is_an_answer(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, Answer(404, {"error": {"code": "ResourceNotFound"}}))
    assert ask() is None


@pytest.mark.parametrize("status", [400, 401, 403, 409, 301])
def test_what_waiting_can_not_heal_is_unknown_at_once(
    azure: HttpStub, ask: Asking, status: int
) -> None:
    azure.answers(RESOURCE, Answer(status, {"error": {"code": "AuthorizationFailed"}}))
    with pytest.raises(StateUnknown, match=f"{RESOURCE}: HTTP {status} 'AuthorizationFailed'"):
        ask()
    assert len(azure.asked) == 1


def test_a_missing_right_is_called_one(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, 403)
    with pytest.raises(StateUnknown, match="lacks the right to read it"):
        ask()


@pytest.mark.parametrize("failure", [Answer(500), Answer(502), Answer(504), Answer(hang_up=True)])
def test_failures_of_the_service_and_the_network_are_tried_again(
    azure: HttpStub, ask: Asking, failure: Answer
) -> None:
    azure.answers(RESOURCE, failure, failure, FOUND)
    assert ask() == FOUND
    assert ask.slept == [1.0, 2.0]


def test_failures_that_last_are_unknown(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, 503)
    with pytest.raises(StateUnknown, match="HTTP 503"):
        ask()
    assert len(azure.asked) == 4


def test_throttling_waits_as_long_as_it_is_told(azure: HttpStub, ask: Asking) -> None:
    date = email.utils.formatdate(T0 + 7, usegmt=True)
    azure.answers(
        RESOURCE,
        Answer(429, headers={"Retry-After": "12"}),
        Answer(429, headers={"Retry-After": date}),
        Answer(429, headers={"Retry-After": "soon"}),
        FOUND,
    )
    assert ask() == FOUND
    assert ask.slept == [12.0, 7.0, 4.0]


def test_throttling_for_long_is_left_to_the_queue(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, Answer(429, headers={"Retry-After": "300"}), FOUND)
    with pytest.raises(StateUnknown, match="HTTP 429"):
        ask()
    assert ask.slept == []


def test_slow_answers_end_at_the_timeout(
    azure: HttpStub, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", (5.0, 0.5))
    azure.answers(RESOURCE, Answer(body=FOUND, after=1.5), FOUND)
    assert ask() == FOUND
    assert ask.slept == [1.0]


@pytest.mark.parametrize("garbage", ["", "<html>", "[]", "null", '{"properties":', "\x00"])
def test_garbage_is_unknown(azure: HttpStub, ask: Asking, garbage: str) -> None:
    azure.answers(RESOURCE, Answer(body=garbage))
    with pytest.raises(StateUnknown, match="not a JSON object"):
        ask()


def test_an_endless_answer_is_cut_off(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, Answer(body='{"a": "' + "x" * (1 << 21) + '"}'))
    with pytest.raises(StateUnknown, match="at most 1048576 bytes"):
        ask()


def test_no_redirect_is_followed_with_the_token(azure: HttpStub, ask: Asking) -> None:
    azure.answers(RESOURCE, Answer(302, headers={"Location": f"{azure.url}/elsewhere"}))
    with pytest.raises(StateUnknown, match="HTTP 302"):
        ask()
    assert azure.paths() == [RESOURCE]


def test_neither_token_nor_the_answers_text_gets_into_the_error(
    azure: HttpStub, ask: Asking
) -> None:
    hostile = {"error": {"code": "x" * 500, "message": "secret-token <b>"}}
    azure.answers(RESOURCE, Answer(403, hostile))
    with pytest.raises(StateUnknown) as caught:
        ask()
    text = str(caught.value)
    assert "secret-token" not in text
    assert "<b>" not in text
    assert len(text) < 300
