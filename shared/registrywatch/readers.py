"""Reads the values of settings: text in, typed values out.

A reader raises ValueError with what is accepted; the caller adds the variable and its value.
"""

import re
from collections.abc import Callable
from typing import Literal

from registrywatch.globs import Globs
from registrywatch.severity import Severity

GroupField = Literal["actor", "repository", "registry", "account", "ip"]

_GROUP_FIELDS: dict[str, GroupField] = {
    "actor": "actor",
    "repository": "repository",
    "registry": "registry",
    "account": "account",
    "ip": "ip",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REGISTRY_ID = (
    r"/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/resourceGroups/[\w.()-]{0,89}[\w()-]"
    r"/providers/Microsoft\.ContainerRegistry/registries/[a-z0-9]{5,50}"
)
"""Azure's naming rules: a group's name has 1 to 90 characters and no dot at its end, a registry's 5
to 50 letters and digits."""
_SESSION = r"(?a)arn:[\w-]*:sts::\d*:assumed-role/(?!AWSReservedSSO_)"
"""The ARN of a session whose actor is the role behind it; not so for the roles of IAM Identity
Center, whose sessions are people (sources/identity.py)."""


def boolean(text: str) -> bool:
    """true or false, in any case."""
    known = {"true": True, "false": False}
    if text.lower() not in known:
        raise ValueError("true or false")
    return known[text.lower()]


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two others, both included."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least:,} to {most:,}, written without commas")
        return int(text)

    return read


def one_of[W: str](*words: W) -> Callable[[str], W]:
    """One of several words, in any case."""
    known: dict[str, W] = {word: word for word in words}

    def read(text: str) -> W:
        if text.lower() not in known:
            raise ValueError(f"one of {', '.join(words)}")
        return known[text.lower()]

    return read


def severity(text: str) -> Severity:
    """The name of a severity."""
    return Severity(one_of(*(each.value for each in Severity))(text))


def words(text: str) -> tuple[str, ...]:
    """The texts between commas, each once, without the spaces around them."""
    return tuple(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))


def globs(text: str) -> Globs:
    """Globs on whole names; an empty list is accepted."""
    return Globs(words(text))


def actors(text: str) -> Globs:
    """Globs on actors. The actor of a session is its role, so the ARN of a session is an error,
    except for IAM Identity Center: there the session is the actor."""
    names = words(text)
    for name in names:
        if re.match(_SESSION, name):
            raise ValueError(
                "the ARN of a role or user, such as arn:aws:iam::111122223333:role/ci; "
                f"{name} is a session"
            )
    return Globs(names)


def accounts(text: str) -> frozenset[str]:
    """Ids of AWS accounts."""
    found = words(text)
    if not all(re.fullmatch("[0-9]{12}", each) for each in found):
        raise ValueError("ids of AWS accounts, 12 digits each, with commas between them")
    return frozenset(found)


def orgs(text: str) -> frozenset[str]:
    """Ids of AWS organisations."""
    found = words(text)
    if not all(re.fullmatch("o-[a-z0-9]{10,32}", each) for each in found):
        raise ValueError("ids of AWS organisations, such as o-a1b2c3d4e5, with commas between them")
    return frozenset(found)


def resource_ids(text: str) -> tuple[str, ...]:
    """Ids of Azure resources."""
    found = words(text)
    if not all(re.match("/subscriptions/[^/]+/", each, re.IGNORECASE) for each in found):
        raise ValueError(
            "ids of Azure resources, /subscriptions/…/providers/…, with commas between them"
        )
    return found


def registry_ids(text: str) -> tuple[str, ...]:
    """Resource ids of container registries, each once whatever its letter case.

    Raises ValueError, which names the part that can't be used.
    """
    found = words(text)
    accepted = (
        "resource ids of container registries, /subscriptions/GUID/resourceGroups/NAME/providers/"
        "Microsoft.ContainerRegistry/registries/NAME, with commas between them"
    )
    for each in found:
        if not re.fullmatch(_REGISTRY_ID, each, re.IGNORECASE | re.ASCII):
            raise ValueError(f"{accepted}; {each} is not one")
    seen: set[str] = set()
    for each in found:
        if each.lower() in seen:
            raise ValueError(f"{accepted}, each once; {each} is repeated in other letter case")
        seen.add(each.lower())
    return found


def group_fields(text: str) -> tuple[GroupField, ...]:
    """The fields by which events are grouped."""
    found = words(text.lower())
    if not found or not set(found) <= _GROUP_FIELDS.keys():
        raise ValueError(f"any of {', '.join(_GROUP_FIELDS)}, with commas between them")
    return tuple(_GROUP_FIELDS[each] for each in found)


def anything(text: str) -> str:
    """Any text that is not empty."""
    if not text:
        raise ValueError("a text that is not empty")
    return text


def address(text: str) -> str:
    """The address of a webhook, or where it is stored."""
    if is_unresolved(text) or re.fullmatch(r"https://[\w.-]+/?", text):
        return text
    if re.search(r"[\0-\x20\x7f]", text):  # two addresses, or one broken over two lines
        return kept("", "an https address without blanks")
    if text[:4].lower() != "http":
        return kept(text, "an https address")
    from urllib.parse import urlsplit  # imported only when needed: it makes starting slower

    try:
        parts = urlsplit(text)
    except ValueError:  # its message quotes the address, which may be a secret
        return kept("", "an https address")
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        return text
    return kept(text, "an https address")


def is_unresolved(text: str) -> bool:
    """Whether Azure did not resolve a Key Vault reference: access or the secret is missing."""
    return text.lower().startswith("@microsoft.keyvault(")


def page(text: str) -> str:
    """The address of a web page, without a fragment; safe to put into any message."""
    if not re.fullmatch(r"https://[A-Za-z0-9./_~%?=&+:-]{1,500}", text, re.ASCII):
        raise ValueError("an https address without a fragment, such as https://wiki.example/rules")
    return text


def secret_of(pattern: str, accepted: str) -> Callable[[str], str]:
    """A secret of a known form, or where it is stored. The pattern matches the whole secret.

    A Key Vault reference that Azure could not resolve is accepted here. It stops only its own
    destination, when the secret is needed.
    """

    def read(text: str) -> str:
        if is_unresolved(text) or re.fullmatch(pattern, text, re.ASCII):
            return text
        return kept(text, accepted)

    return read


def kept(text: str, otherwise: str) -> str:
    """`ssm:NAME` or `secretsmanager:NAME`."""
    where, _, name = text.partition(":")
    if where not in ("ssm", "secretsmanager") or not name:
        raise ValueError(f"{otherwise}, ssm:NAME or secretsmanager:NAME")
    return text
