"""The list for people: legible at any width, on any terminal, and plain where it is piped."""

import itertools
import re

import pytest

from registrywatch.alerts.contrast import contrast
from registrywatch.alerts.style import STYLES
from registrywatch.cli.alert_lines import alert_lines, count_lines
from registrywatch.cli.screen import Screen, columns, screen_of, wrapped
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WIDTHS = (40, 60, 80, 120, 200)
LONG = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/" + "x" * 80
ALERTS = [
    an_alert(),
    an_alert(2, severity=Severity.CRITICAL, reasons=("word " * 60, LONG, "東京" * 60)),
    an_alert(3, title="A" * 90, summary=LONG, silence="REGISTRYWATCH_IGNORE_ACTORS=*"),
    an_alert(4, time="not a time " * 9, events=()),
]


def lines_of(screen: Screen) -> list[str]:
    return [COLOUR.sub("", line) for alert in ALERTS for line in alert_lines(alert, screen)]


@for_each("width", WIDTHS)
@for_each("colours", [0, 256, 1 << 24])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(width: int, colours: int) -> None:
    said = lines_of(Screen(width, colours))
    assert max(map(columns, said)) <= width
    squeezed = "".join("".join(said).split())
    for alert in ALERTS:
        for text in (alert.rule, alert.title, alert.summary, alert.actor.id or "", *alert.reasons):
            assert "".join(text[:390].split()) in squeezed


@for_each("width", [None, *WIDTHS])
def test_no_line_ends_with_a_blank(width: int | None) -> None:
    assert not [line for line in lines_of(Screen(width)) if line != line.rstrip()]


def test_without_a_terminal_nothing_is_wrapped() -> None:
    said = lines_of(Screen())
    assert any(len(line) > 250 for line in said)
    assert sum(line.lstrip().startswith("why") for line in said) == len(ALERTS)


@for_each("width", [None, *WIDTHS])
def test_the_summary_names_every_rule_whole(width: int | None) -> None:
    counts = {
        ("ecr-repository-policy-applied", Severity.HIGH): 1200,
        ("ecr-repository-policy-applied", Severity.LOW): 7,
        ("acr-images-deleted", Severity.CRITICAL): 1,
    }
    said = [*count_lines(counts, Screen(width))]
    assert max(map(columns, said)) <= (width or 1000)
    text = " ".join(" ".join(said).split())
    assert "1,200 high, 7 low" in text
    assert text.index("acr-images-deleted") < text.index("ecr-repository-policy-applied")


# Colours


def _channels(levels: str) -> tuple[int, int, int]:
    red, green, blue = map(int, levels.split(";"))
    return red, green, blue


def _of_256(index: int) -> tuple[int, int, int]:
    steps = (0, 95, 135, 175, 215, 255)
    red, rest = divmod(index - 16, 36)
    green, blue = divmod(rest, 6)
    return steps[red], steps[green], steps[blue]


@for_each("severity", Severity)
@for_each("colours", [256, 1 << 24])
def test_a_badge_has_a_contrast_of_at_least_4_5_on_its_own_ground(
    severity: Severity, colours: int
) -> None:
    """It brings its ground with it, so the terminal's own does not matter."""
    written = Screen(80, colours).badge(" X ", STYLES[severity].colour)
    [ink] = re.findall(r"38;5;(\d+)", written)
    if colours == 256:
        [index] = re.findall(r"48;5;(\d+)", written)
        ground = _of_256(int(index))
    else:
        [levels] = re.findall(r"48;2;([\d;]+)m", written)
        ground = _channels(levels)
    assert contrast(_of_256(int(ink)), ground) >= 4.5


def test_all_other_words_keep_the_terminals_own_colour() -> None:
    """Whatever the terminal's ground is, its own text can be read on it."""
    for alert in ALERTS:
        _, *rest = alert_lines(alert, Screen(80, 256))
        assert set(itertools.chain(*map(COLOUR.findall, rest))) <= {"\x1b[1m", "\x1b[0m"}


class Pretended:
    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "environ", "expected"),
    [
        (False, {}, Screen()),
        (True, {}, Screen(72, 256)),
        (True, {"COLORTERM": "truecolor"}, Screen(72, 1 << 24)),
        (True, {"NO_COLOR": "1"}, Screen(72)),
        (True, {"TERM": "dumb"}, Screen(72)),
        (False, {"FORCE_COLOR": "1"}, Screen(72, 256)),
    ],
)
def test_the_environment_says_what_the_terminal_can(
    terminal: bool, environ: dict[str, str], expected: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert screen_of(Pretended(terminal), environ) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("REGISTRYWATCH_X=role/a/b", ["REGISTRYWATCH_X=", "role/a/b"]),
        ("arn:aws:iam::111122223333:role/Dev", ["arn:aws:iam::", "111122223333:role/", "Dev"]),
        ("a/" + "b" * 30, ["a/" + "b" * 18, "b" * 12]),
    ],
)
def test_a_long_word_is_broken_behind_a_separator(text: str, lines: list[str]) -> None:
    """So that a setting's value, an account or a repository can be read and copied."""
    assert [*wrapped(text, 20)] == lines


def test_wide_characters_count_as_two_columns() -> None:
    assert [*wrapped("東京東京", 5)] == ["東京", "東京"]
