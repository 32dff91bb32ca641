"""What the output is: how wide, whether it shows colour; and text laid out for it, by hand.

No library is needed. Badges bring their own background, and black or white on it, whichever has
the greater contrast (at least 4.5 to 1 on any colour): so they read well on light and dark
terminals alike. Other words keep the terminal's own colour.
"""

import os
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TextIO

import msgspec

from registrywatch.alerts.contrast import Colour, ink_on, rgb

_SEPARATORS = "/:.,;@_-"
NARROWEST = 20  # columns; narrower ones are treated as this wide


class Screen(msgspec.Struct, frozen=True):
    """`width` in columns, None: no limit, lines are not wrapped. `colours`: 0, 256 or 1 << 24."""

    width: int | None = None
    colours: int = 0

    def bold(self, text: str) -> str:
        """The text, bold if the screen shows colour."""
        return f"\x1b[1m{text}\x1b[0m" if self.colours else text

    def badge(self, text: str, colour: str) -> str:
        """The text on a background of the colour (#rrggbb)."""
        if not self.colours:
            return f"{text}"
        ground = rgb(colour)
        if self.colours == 256:
            index, ground = _nearest(ground)
            behind = f"48;5;{index}"
        else:
            behind = "48;2;{};{};{}".format(*ground)
        ink = "38;5;16" if ink_on(ground) == (0, 0, 0) else "38;5;231"
        return f"\x1b[1;{ink};{behind}m{text}\x1b[0m"


def screen_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Screen:
    """What the stream shows: a terminal's width and colours, or plain text without limit.

    NO_COLOR, FORCE_COLOR and COLUMNS do what they do everywhere.
    """
    terminal = stream.isatty() or bool(environ.get("FORCE_COLOR"))
    if not terminal:
        return Screen()
    import shutil

    width = max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)
    if environ.get("NO_COLOR") or environ.get("TERM") in ("dumb", "unknown"):
        return Screen(width)
    many = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return Screen(width, 1 << 24 if many else 256)


def wrapped(text: str, width: int | None, indent: int = 0) -> Iterator[str]:
    """The text in lines of at most `width` columns, each with `indent` blanks before it.

    Breaks between words; a word that is wider than a line, behind one of its separators if there is
    one. No line ends with a blank.
    """
    margin = " " * indent
    if width is None:
        yield f"{margin}{text}".rstrip()
        return
    room = max(width - indent, 1)
    line, used = "", 0
    for word in text.split(" "):
        size = columns(word)
        if line and used + 1 + size <= room:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            yield f"{margin}{line}".rstrip()
        while size > room:
            part = _part(word, room)
            yield f"{margin}{part}".rstrip()
            word = word[len(part) :]
            size = columns(word)
        line, used = word, size
    yield f"{margin}{line}".rstrip()


class Badges[K](msgspec.Struct, frozen=True):
    """The word and the colour (#rrggbb) of each badge; all of them take `width` columns."""

    badges: Mapping[K, tuple[str, str]]
    width: int

    def lines(self, screen: Screen, badge: K, text: str, fix: str | None = None) -> Iterator[str]:
        """The badge and the text beside it; `fix`, what to type, on a line of its own."""
        word, colour = self.badges[badge]
        indent = self.width + 2
        first, *more = wrapped(text, screen.width, indent)
        yield f"{screen.badge(f' {word:^{self.width}}', colour)} {first.strip()}"
        yield from more
        if fix:
            yield f"{'':<{indent}}fix: {fix}"  # not wrapped: it is to be copied


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fitting(word: str, room: int) -> str:
    used = 0
    for at, char in enumerate(word):
        used += _columns(char)
        if used > room and at:
            return word[:at]
    return word


def _part(word: str, room: int) -> str:
    """The beginning of a word that fits: a setting's name, or up to a separator far enough on."""
    fitting = _fitting(word, room)
    after = fitting.find("=") + 1
    if after <= room // 3:
        after = max(map(fitting.rfind, _SEPARATORS)) + 1
    return fitting[:after] if after > room // 3 else fitting


def _nearest(colour: Colour) -> tuple[int, Colour]:
    """The nearest colour of the 6x6x6 cube that 256-colour terminals share, and its index."""
    levels = (0, 95, 135, 175, 215, 255)
    places = [min(range(6), key=lambda at: abs(levels[at] - part)) for part in colour]
    red, green, blue = places
    return 16 + 36 * red + 6 * green + blue, (levels[red], levels[green], levels[blue])
