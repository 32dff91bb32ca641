"""A server's answer without the secrets of its request.

Addresses and bodies may be secrets, headers too, and a server may repeat what it was sent in any
form: percent-encoded or decoded, in capitals, cut off at the end.
"""

import base64
import html
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

from registrywatch.delivery.destinations.kind import Request

_GRAM = 6  # this many characters of a secret in a row hide the word that holds them
_HARMLESS_HEADERS = frozenset({"content-type", "user-agent", "webhook-id", "x-registrywatch-alert"})
_WORD = re.compile(r"[^\s\"'<>(){}\[\],;]+")


def masked(text: str, request: Request) -> str:
    """`text` without any secret of the request, and without six characters in a row of one."""
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
    """All secrets in a request: what follows the host in its address, keys, headers."""
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
    """The spellings that are replaced literally; shorter ones would hide ordinary words."""
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
