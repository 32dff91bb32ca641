"""What the doors ask of Lambda's context."""

from typing import Protocol


class Context(Protocol):
    """An invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """How long until it is cut off."""
