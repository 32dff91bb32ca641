"""The line that says how far a long run is."""

import contextlib
import io
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest

from registrywatch.cli.progress import LONG, Progress
from registrywatch.cli.reading import Reader
from registrywatch.sources.inputs import Found
from tests.builders.cloudtrail import log_file
from tests.builders.streams import lines


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


def test_while_an_engine_works_it_says_which_one_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "40")
    asked = Engine("athena://logs/" + "t\x1b" * 90)
    assert [*Reader().pieces(Found([asked]), 1)]
    shown, _, rest = screen.getvalue().removeprefix("\r\x1b[2K").partition("\r\x1b[2K")
    assert shown.startswith("asking athena://logs/t")
    assert len(shown) == 39
    assert "\x1b" not in shown
    assert rest == ""


class Engine(msgspec.Struct, frozen=True):
    """An input whose size is not known."""

    name: str
    size: int = 0

    def open(self, _: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext(io.BytesIO(lines(log_file())))
