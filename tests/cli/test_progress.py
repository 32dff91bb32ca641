"""The line that says how far a long run is."""

import io
import sys
from collections.abc import Iterator
from itertools import count

import pytest

from registrywatch.cli.progress import LONG, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def ticks() -> Iterator[float]:
    """A clock that goes on by a second each time it is read."""
    return map(float, count())


@pytest.mark.parametrize(
    ("size", "screen", "drawn"),
    [(LONG, Terminal(), True), (LONG - 1, Terminal(), False), (LONG, io.StringIO(), False)],
    ids=["long", "short", "no terminal"],
)
def test_only_long_input_on_a_terminal_has_one(
    size: int,
    screen: io.StringIO,
    drawn: bool,
    ticks: Iterator[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    Progress(size, lambda: next(ticks)).at(size // 2)
    assert bool(screen.getvalue()) == drawn


def test_it_says_the_share_the_whole_and_the_time_left(
    ticks: Iterator[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress(200 << 20, lambda: next(ticks))
    progress.at(20 << 20)
    assert screen.getvalue() == "\r\x1b[2K 10% of 200.0 MB read, 9 s left"


def test_it_is_taken_away_before_anything_else_is_written(
    ticks: Iterator[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress(200 << 20, lambda: next(ticks))
    progress.at(1)
    progress.clear()
    progress.clear()
    assert screen.getvalue().endswith("\r\x1b[2K")
    assert screen.getvalue().count("\r") == 2
