"""Cuts alerts so that they fit into a message of a queue or an item of a store."""

from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert, encode
from registrywatch.alerts.text import shown

LIMITS = (2000, 500, 200, 60)
"""Characters to which texts are cut; each limit is tried until the alert fits."""

_KEPT = frozenset({"id", "time", "severity", "cloud", "rule"})
_MOST_ITEMS = 20


def encoded_within(alert: Alert, most: int) -> bytes:
    """The alert as `encode` writes it; if that has more than `most` bytes, its texts are cut."""
    body = encode(alert)
    for limit in LIMITS:
        if len(body) <= most:
            break
        body = encode(with_texts_cut(alert, limit))
    return body


def with_texts_cut(alert: Alert, limit: int) -> Alert:
    """The alert with no text longer than `limit`, except the fields that identify it."""
    fields: dict[str, Any] = msgspec.to_builtins(alert)
    cut = {name: value if name in _KEPT else _cut(value, limit) for name, value in fields.items()}
    return msgspec.convert(cut, Alert)


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else shown(value, limit)
    if isinstance(value, list | tuple):
        return [_cut(inner, limit) for inner in value[:_MOST_ITEMS]]
    if isinstance(value, dict):
        return {name: _cut(inner, limit) for name, inner in value.items()}
    return value
