"""What an HTTP answer means, and what of it may be shown.

A server may repeat what it was sent. Addresses, keys and headers of one's own are secrets, in
whatever form they return: percent-encoded or decoded, in capitals, cut off at the end.
"""

import base64
import html
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.delivery.pacing import MOST_RETRY_AFTER
from registrywatch.retry_after import retry_after

EXCERPT_BYTES = 1024
_EXCERPT = 200  # characters of it in a reason
_HEALING = frozenset({408, 425, 429})  # 4xx that another attempt may heal
_GRAM = 6  # so many characters of a secret in a row hide the word that holds them
_HARMLESS_HEADERS = frozenset({"content-type", "user-agent", "webhook-id", "x-registrywatch-alert"})
_WORD = re.compile(r"[^\s\"'<>(){}\[\],;]+")


def judged(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> Answer:
    """What an answer means. `body` is its beginning."""
    excerpt = shown(masked(body.decode("utf-8", "replace").strip(), request), _EXCERPT)
    reason = f"answered {status}" + (f": {excerpt}" if excerpt else "")
    if 200 <= status < 300:
        verdict = request.objection(body) if request.objection else None
        if verdict is None:
            return Answer("delivered", f"answered {status}", status)
        return Answer(verdict, f"{reason} (a success by its status, a failure by its body)", status)
    if status in _HEALING or status >= 500:
        after = retry_after(headers.get("Retry-After"), now, MOST_RETRY_AFTER)
        return Answer("try_again", reason, status, after)
    if 300 <= status < 400:
        reason = f"answered {status}, a redirect, which is not followed"
    return Answer("refused", reason, status)


def masked(text: str, request: Request) -> str:
    """`text` without any secret of the request, or six characters in a row of one."""
    secrets = list(_secrets(request))
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len)[::-1]:
        text = text.replace(form, "***")
    grams = {gram for secret in secrets for gram in _grams(_plain(secret))}

    def hide(word: re.Match[str]) -> str:
        plain = _plain(word[0])
        size = min(_GRAM, len(plain))
        found = any(plain[at : at + _GRAM] in grams for at in range(len(plain) - size + 1))
        return "***" if found and plain else word[0]

    return _WORD.sub(hide, text)


def _secrets(request: Request) -> Iterable[str]:
    """All that is secret in a request: what follows the host in its address, keys, headers."""
    yield from request.secrets
    try:
        parts = urlsplit(request.url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return
    yield from (parts.path, parts.query, user, password)
    if password:
        yield base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    for name, value in request.headers.items():
        if name.lower() not in _HARMLESS_HEADERS:
            yield value
            yield from value.split()


def _forms(secret: str) -> Iterable[str]:
    """The spellings that are replaced as they are; shorter ones would blank out plain words."""
    forms = (secret, unquote(secret), quote(secret), quote(secret, safe=""))
    return (form for form in forms if len(form) >= _GRAM)


def _plain(text: str) -> str:
    """Letters and digits alone, decoded, without regard to case."""
    for _ in range(2):
        text = unquote(html.unescape(text))
    return "".join(char for char in text.casefold() if char.isalnum())


def _grams(plain: str) -> Iterable[str]:
    if 0 < len(plain) <= _GRAM:
        return (plain,)
    return (plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1))
