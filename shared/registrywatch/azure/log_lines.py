"""Log lines for people and for the alarms of infra/azure/monitoring.bicep: one JSON object each.

They never hold a whole event or a secret; text from events is cut.
"""

import logging

import msgspec

_logger = logging.getLogger("registrywatch")
_LONGEST = 300


def log(event: str, *, level: int = logging.INFO, **values: str | int | float | None) -> None:
    """Write a line. `event` names what happened; alarms search for it."""
    line = {key: _cut(value) for key, value in values.items()}
    _logger.log(level, "%s", msgspec.json.encode({"event": event, **line}).decode())


def _cut(value: str | int | float | None) -> str | int | float | None:
    if not isinstance(value, str):
        return value
    sound = value.encode("utf-8", "replace").decode()
    return sound if len(sound) <= _LONGEST else sound[:_LONGEST] + "…"
