"""Policies inside events: untrusted JSON, graded part by part."""

from collections.abc import Iterable

import msgspec

from registrywatch.rules.wording import MOST_LISTED, number_of
from registrywatch.severity import Severity


class NotUnderstood(ValueError):
    """A document, or a part of it, isn't what AWS documents; the message says how, in a clause."""


class Grade(msgspec.Struct, frozen=True):
    """How bad one part of a document is, and why: a sentence, and a clause for the summary."""

    severity: Severity
    reason: str
    clause: str


class Judgement(msgspec.Struct, frozen=True):
    """How bad a document is, why, worst reason first, and the worst thing in it as a clause."""

    severity: Severity
    reasons: tuple[str, ...]
    clause: str


def parse(text: str | None) -> dict[str, object]:
    """The JSON object that `text` holds.

    Raises NotUnderstood for anything else, for very deep nesting, and for an object with the same
    key twice: two readers may then understand it differently.
    """
    if text is None:
        raise NotUnderstood("the event does not show it")
    import json

    try:
        document = json.loads(text, object_pairs_hook=_once)
    except NotUnderstood:
        raise
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("it is not valid JSON") from error
    return as_object(document, "the document")


def as_object(value: object, name: str) -> dict[str, object]:
    """`value` if it is a JSON object. Raises NotUnderstood."""
    if not isinstance(value, dict):
        raise NotUnderstood(f"{name} is not an object")
    return value


def as_list(value: object, name: str) -> list[object]:
    """`value` if it is a JSON array. Raises NotUnderstood."""
    if not isinstance(value, list):
        raise NotUnderstood(f"{name} is not a list")
    return value


def as_texts(value: object, name: str) -> tuple[str, ...]:
    """`value`, which is a text or a list of texts, at least one. Raises NotUnderstood."""
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise NotUnderstood(f"{name} is neither a text nor a list of texts")
    return tuple(texts)


def worst(grades: Iterable[Grade]) -> Judgement:
    """The worst severity, and the reasons, worst first; of many, the first few and their number.

    `grades` holds at least one.
    """
    by_severity = sorted(grades, key=lambda grade: -grade.severity.rank)
    reasons = tuple(dict.fromkeys(grade.reason for grade in by_severity))
    more = len(reasons) - MOST_LISTED
    shown = reasons[:MOST_LISTED]
    if more > 0:
        shown += (f"And {number_of(more, 'further part')} of the same or a lower severity.",)
    return Judgement(by_severity[0].severity, shown, by_severity[0].clause)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key.casefold() for key, _ in pairs}) < len(pairs):
        raise NotUnderstood("a key occurs twice in one object")
    return dict(pairs)
