"""Draws the pages of `replay --html` and `tune --html` for docs/pictures, from the demo's day.

`python -m tools.pictures.pages`. Needs Debian's chromium and chromium-driver.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from registrywatch.cli import main
from tests.builders.day import write
from tests.report.browser import chromium

PICTURES = Path(__file__).parents[2] / "docs/pictures"


def draw(folder: Path = PICTURES) -> None:
    """Draw each page as the commands write it."""
    with TemporaryDirectory() as scratch, chromium() as browser:
        day, page = Path(scratch) / "day", Path(scratch) / "page.html"
        write(day)
        main(["replay", "--html", str(page), str(day)])
        browser.open(page, width=1180, height=1160)
        browser.wait_for("return document.querySelectorAll('.bar').length > 1")
        browser.picture(folder / "report.png")
        main(["tune", "--html", str(page), "--rule", "ecr-excessive-image-pull", str(day)])
        browser.open(page, width=1180, height=760)
        browser.wait_for("return document.querySelector('svg') !== null")
        browser.picture(folder / "tune.png")


if __name__ == "__main__":
    draw()
