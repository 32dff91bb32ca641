"""How long to wait before trying again, and when to give up."""

import random

GIVE_UP_SECONDS = 6 * 3600.0  # from the alert to the dead-letter queue, if nothing helps
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 900.0
_REST_SECONDS = 5.0  # for a destination that failed without saying how long to wait


def wait_seconds(waits: int, asked: float | None, chance: float | None = None) -> float:
    """The delay before the next attempt, after `waits` of them: 2 s, doubled each time, to 15 min.

    Never less than what the destination `asked` for. `chance` (0 to 1) takes up to a third off, or
    adds up to a half to what was asked: messages that failed together don't come back together.
    """
    chance = random.random() if chance is None else chance  # noqa: S311  nobody gains by guessing
    growing = min(_FIRST_WAIT * 2.0 ** min(waits, 30), _LONGEST_WAIT)
    return max(growing * (1.0 - chance / 3), (asked or 0.0) * (1.0 + chance / 2))


class Rests:
    """Destinations that this process leaves alone for a while, because they just failed."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def begin(self, destination: str, now: float, asked: float | None) -> None:
        self._until[destination] = now + (_REST_SECONDS if asked is None else asked)

    def left(self, destination: str, now: float) -> float:
        """Seconds until it is tried again; 0 if it may be now."""
        return max(self._until.get(destination, 0.0) - now, 0.0)
