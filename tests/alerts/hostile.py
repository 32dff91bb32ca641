"""Text as an attacker would choose it, and alerts full of it."""

import unicodedata
from typing import Any

import msgspec
from hypothesis import strategies as st

from registrywatch.alerts import Alert
from registrywatch.events import Actor
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert

TRICKS = (
    "<!channel>",
    "<!here|all well>",
    "<@U123456>",
    "<https://evil.test|https://console.aws.amazon.com>",
    "https://evil.test/",
    "*bold* _italic_ ~gone~ `code`",
    "```",
    "`",
    ":rotating_light:",
    "[click](https://evil.test)",
    "![x](https://evil.test/x.png)",
    "<script>alert(1)</script>",
    "&lt;&amp;",
    "{{DATE(2026-08-01T00:00:00Z)}}",
    "{{TIME(2026-08-01T00:00:00Z)}}",
    "${data}",
    "\x1b]8;;https://evil.test\x07link\x1b]8;;\x07",
    "\x1b[2J\x1b[31m",
    "\x07\x08\r\n\t\x00\x7f\x85\x9b",
    "\u202egnp.exe",
    "a\u200bb\u200d\u2060\ufeff",
    "\u2066\u2069\u061c",
    "\U000e0041\U000e007f",
    "\ufffe\uffff",
    "\ud800",
    "\udfff",
    "e\u0301" + "\u0335" * 50,
    "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd",
    "\u3164\u00a0\u2028\u2029",
    '"}],"text":"',
    "\\",
    "'; DROP TABLE alerts; --",
    " ",
    "",
)

texts = st.one_of(
    st.sampled_from(TRICKS),
    st.text(max_size=30),
    st.lists(st.sampled_from(TRICKS), max_size=6).map("".join),
    st.tuples(st.sampled_from(TRICKS), st.integers(100, 5_000)).map(lambda t: t[0] * t[1]),
    st.text(st.characters(categories=("Cc", "Cf", "Cs", "Co", "Mn", "So", "Zs")), max_size=30),
)
# What Python takes for a time, with any character between date and time
_times = st.builds("2026-08-01{}09:10:12Z".format, st.characters())
_maybe = st.one_of(st.none(), texts)


def without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@st.composite
def hostile_alerts(draw: st.DrawFn) -> Alert:
    """An alert whose every text may be anything."""
    said: dict[str, Any] = {
        name: draw(texts) for name in ("id", "rule", "title", "summary", "impact", "mitigation")
    }
    said["time"] = draw(st.one_of(texts, _times))
    said |= {name: draw(_maybe) for name in ("account", "region", "registry", "repository")}
    for name in ("reasons", "events", "references"):
        said[name] = tuple(draw(st.lists(texts, max_size=20)))
    return an_alert(
        **said,
        severity=draw(st.sampled_from(Severity)),
        cloud=draw(st.sampled_from(["aws", "azure"])),
        actor=Actor(*[draw(_maybe) for _ in range(5)]),
        mitre=tuple(draw(st.lists(st.builds(Mitre, texts, texts), max_size=3))),
        count=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        threshold=draw(st.one_of(st.none(), st.integers(1, 8000))),
        window_seconds=draw(st.one_of(st.none(), st.integers(12, 86_400))),
    )


def strings(value: object) -> list[str]:
    """Every text in a body, keys aside."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in strings(inner)]
    return []


def hidden_in(text: str, allowed: str = "") -> list[str]:
    """The characters of a text that steer, reverse or hide, and are not allowed here."""
    return [
        char
        for char in text
        if unicodedata.category(char)[0] in "CZ" and char != " " and char not in allowed
    ]


def readable(alert: Alert) -> Alert:
    """The alert without lone surrogates, which JSON can't carry: no source lets one through."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return without_surrogates(value)
        if isinstance(value, list | tuple):
            return [clean(inner) for inner in value]
        if isinstance(value, dict):
            return {name: clean(inner) for name, inner in value.items()}
        return value

    return msgspec.convert(clean(msgspec.to_builtins(alert)), Alert)
