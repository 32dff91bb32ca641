"""Writes the benchmarks' parts of docs/performance.md, each between comments with its name."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/performance.md"


def write_part(name: str, text: str) -> None:
    """Replace the part of that name. Raises ValueError if the page has no such part."""
    page = PAGE.read_text()
    part = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    made, number = part.subn(lambda _: text, page)
    if number != 1:
        raise ValueError(f"{PAGE}: there is no part {name!r}")
    PAGE.write_text(made)
