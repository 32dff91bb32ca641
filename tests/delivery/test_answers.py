"""What an answer means, and that no secret is in what is shown of it, in whatever form."""

import base64
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.delivery.destinations import DestinationKind, Outgoing, Request, every_kind
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.destinations.teams import TEAMS
from registrywatch.delivery.masking import masked
from registrywatch.delivery.post import judged
from registrywatch.delivery.sender import request_for
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.delivery.world import of_kind

SIG = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ0bC2eF4hJ6kL8nP0"
TEAMS_URL = (
    "https://prod-1.westeurope.logic.azure.com/workflows/0a1b2c3d/triggers/manual/paths/invoke"
    f"?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIG}"
)


def shown(body: str, url: str, *secrets: str, **headers: str) -> str:
    request = Request(url, b"{}", headers, secrets=secrets or (url,))
    return judged(request, 400, {}, body.encode()[:1024], now=0.0).reason


def longest_common(one: str, other: str) -> int:
    """The length of the longest run of characters that both have, without regard to case."""
    one, other = one.casefold(), other.casefold()
    return max(
        (
            size
            for size in range(1, len(other) + 1)
            if any(other[at : at + size] in one for at in range(len(other) - size + 1))
        ),
        default=0,
    )


@for_each("cut", [*range(1, 12), 30, 60])
def test_an_address_that_is_cut_off_at_the_end_shows_at_most_five_characters(cut: int) -> None:
    text = masked(f"no such flow: {TEAMS_URL[:-cut]}", Request(TEAMS_URL, b"", {}))
    assert longest_common(text, SIG) < 6


@for_each(
    "said",
    [
        unquote(TEAMS_URL),
        quote(TEAMS_URL),
        quote(TEAMS_URL, safe=""),
        TEAMS_URL.upper(),
        TEAMS_URL.lower(),
        f'{{"url": "{TEAMS_URL}"}}',
        TEAMS_URL.replace("&", "&amp;"),
        f"<a href='{TEAMS_URL}'>{SIG}</a>",
        SIG[:20],
        SIG[-20:],
        SIG.upper(),
        " ".join([SIG] * 20),
    ],
)
def test_an_address_that_is_repeated_in_another_form_is_hidden(said: str) -> None:
    assert longest_common(shown(f"bad: {said}", TEAMS_URL), SIG) < 6


def test_a_path_that_returns_decoded_or_normalised_is_hidden() -> None:
    url = "https://example.test/hook/T0%2BSECRET%20VALUE/für uns"
    for said in ("/hook/T0+SECRET VALUE/für uns", "/hook/T0%2BSECRET%20VALUE/f%C3%BCr%20uns"):
        text = shown(f"no such path: {said}", url)
        assert "SECRET" not in text
        assert "VALUE" not in text


def test_a_password_in_the_address_is_hidden_as_basic_credentials_too() -> None:
    url = "https://user:p%40ssw0rd-long@example.test/"
    basic = base64.b64encode(b"user:p@ssw0rd-long").decode()
    text = shown(f"bad credentials: Authorization: Basic {basic} or p@ssw0rd-long", url)
    assert basic not in text
    assert "ssw0rd" not in text


def test_headers_of_one_s_own_and_signatures_are_hidden() -> None:
    text = shown(
        "not allowed: Authorization: Splunk 11112222-3333, v1=deadbeefdeadbeef",
        "https://example.test/",
        "",
        Authorization="Splunk 11112222-3333",
        **{"X-Registrywatch-Signature": "v1=deadbeefdeadbeef"},
    )
    assert "2222" not in text
    assert "beef" not in text


@for_each("kind", every_kind(), ids=lambda kind: kind.name)
def test_no_kind_s_request_can_be_read_out_of_an_answer_that_repeats_it(
    kind: DestinationKind,
) -> None:
    secret = "S3cretV4lueOfTh1sDest1nation00X"
    to = of_kind(kind, f"https://example.test/{secret}")
    given = {
        suffix: value if isinstance(value, str) else value.reference
        for suffix, value in to.options.items()
    }
    request = request_for(Outgoing(alert=an_alert(), given=given, now=0.0), to)
    text = shown(f"{request.url} {request.body.decode()[:200]}", request.url, *request.secrets)
    assert longest_common(text, secret) < 6
    assert "kkkkkk" not in text


@settings(deadline=None)
@given(secret=st.from_regex("[A-Za-z0-9]{12,60}", fullmatch=True), at=st.data())
def test_no_part_of_a_secret_that_says_anything_is_ever_shown(
    secret: str, at: st.DataObject
) -> None:
    cut = at.draw(st.integers(6, len(secret)))
    text = masked(f"key {secret[:cut]} is not known", Request("https://a.test", b"", {}, (secret,)))
    assert longest_common(text.removeprefix("key ").removesuffix(" is not known"), secret) < 6


def test_what_is_no_secret_is_shown() -> None:
    assert shown("invalid_payload", "https://hooks.slack.com/services/T0/B0/s3cr3tp4rt") == (
        "answered 400: invalid_payload"
    )


@pytest.mark.parametrize(
    ("body", "verdict"),
    [(b"ok", "delivered"), (b'{"ok":true}', "delivered"), (b'{"ok":false}', "refused")],
)
def test_slack_s_body_is_believed_over_its_status(body: bytes, verdict: str) -> None:
    request = Request("https://a.test", b"", {}, objection=SLACK.objection)
    assert judged(request, 200, {}, body, now=0.0).verdict == verdict


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"1", "delivered"),
        (b"", "delivered"),
        (
            b"Webhook message delivery failed with error: Microsoft Teams endpoint returned "
            b"HTTP error 413 with ContextId tcid=0",
            "refused",
        ),
        (
            b"Webhook message delivery failed with error: Microsoft Teams endpoint returned "
            b"HTTP error 429 with ContextId tcid=0",
            "try_again",
        ),
    ],
)
def test_teams_s_body_is_believed_over_its_status(body: bytes, verdict: str) -> None:
    request = Request("https://a.test", b"", {}, objection=TEAMS.objection)
    got = judged(request, 200, {}, body, now=0.0)
    assert got.verdict == verdict
    assert verdict == "delivered" or "a failure by its body" in got.reason
