"""Severities: five levels of how serious an alert is."""

import enum
from typing import Self


class Severity(enum.Enum):
    """How serious an alert is. Compared by rank; the value is the word in alerts and settings."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return _RANK[self]

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank

    def one_step_lower(self) -> "Severity":
        return _IN_ORDER[max(self.rank - 1, 0)]

    def one_step_higher(self) -> "Severity":
        return _IN_ORDER[min(self.rank + 1, len(_IN_ORDER) - 1)]


_IN_ORDER = tuple(Severity)
_RANK = {severity: rank for rank, severity in enumerate(_IN_ORDER)}
