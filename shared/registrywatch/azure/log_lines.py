"""Lines that people and the alarms of infra/azure/monitoring.bicep read: one JSON object each.

Never a whole event, never a secret; text from events is cut.
"""

import logging

import msgspec

_logger = logging.getLogger("registrywatch")
_LONGEST = 300


def log(event: str, *, level: int = logging.INFO, **values: str | int | float | None) -> None:
    """Writes a line: `event` names what happened, in words that alarms look for."""
    line = {key: _cut(value) for key, value in values.items()}
    _logger.log(level, "%s", msgspec.json.encode({"event": event, **line}).decode())


def _cut(value: str | int | float | None) -> str | int | float | None:
    if not isinstance(value, str):
        return value
    sound = value.encode("utf-8", "replace").decode()
    return sound if len(sound) <= _LONGEST else sound[:_LONGEST] + "…"
