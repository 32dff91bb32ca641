"""Draws docs/pictures: `python -m tools.pictures [FOLDER]`. Needs Debian's chromium and npm.

The messages come from the demo's day, and from a burst: the output of `replay --json` is rendered
as each destination receives it. No text in them is written by hand.
"""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from registrywatch.alerts import Alert, decode
from registrywatch.alerts.plain_text import plain_text
from registrywatch.cli import main as registrywatch
from registrywatch.delivery.destinations.slack import slack_message
from registrywatch.delivery.destinations.sns import subject
from registrywatch.delivery.destinations.teams import teams_message
from registrywatch.delivery.fold import Fold, follow_up, place
from tests.builders import cloudtrail as ct
from tests.builders.day import write
from tests.integration.components import TOOLS, fetch
from tools.pictures import mail_page, slack_page, teams_page

PICTURES = Path(__file__).parents[2] / "docs/pictures"
BURST = 1_785_574_800.0  # 09:00 of the demo's day, in UTC
DESK, PHONE, TEAMS_PHONE = 720, 390, 345  # pixels across
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def replayed(fill: Callable[[Path], object]) -> list[Alert]:
    """The alerts of a folder that `fill` fills with events, as `replay --json` prints them."""
    printed = io.StringIO()
    with TemporaryDirectory() as folder:
        fill(Path(folder))
        with contextlib.redirect_stdout(printed):
            registrywatch(["replay", "--json", folder])
    return [decode(line) for line in printed.getvalue().splitlines()]


def a_burst(folder: Path) -> None:
    """Forty repositories deleted by one role within seven minutes."""
    gone = [
        ct.delete_repository(force=True, repository=f"shop/{number:02d}", at=BURST + 10 * number)
        for number in range(40)
    ]
    (folder / "burst.json").write_text(json.dumps({"Records": gone}))


def opened_policy(alerts: list[Alert]) -> Alert:
    policies = [alert for alert in alerts if alert.rule == "ecr-repository-policy-applied"]
    return max(policies, key=lambda alert: alert.severity.rank)


def what_followed(alerts: list[Alert]) -> Alert:
    """The follow-up to a burst of one rule and actor."""
    fold: Fold | None = None
    for alert in alerts:
        fold = place(fold, alert, now=BURST, seconds=900).fold
    assert fold is not None
    assert fold.folded, "a burst of more alerts than are sent one by one"
    return follow_up(alert, fold)


def draw(html: str, picture: Path, height: int, width: int = DESK, scale: int = 1) -> None:
    """Draw a page; for a phone, with twice as many pixels.

    Chromium's windows are at least 500 pixels wide, so the page is put into a frame of its width.
    """
    with TemporaryDirectory() as scratch:
        source = Path(scratch) / "page.html"
        source.write_text(html)
        size = f"--window-size={width},{height}"
        profile = f"--user-data-dir={scratch}/profile"
        shot = f"--screenshot={picture}"
        factor = f"--force-device-scale-factor={scale}"
        command = ["chromium", *FLAGS, profile, size, factor, shot]
        subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=120)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fetch("adaptivecards")
    renderer = TOOLS / "adaptivecards/package/dist/adaptivecards.min.js"
    opened, followed = opened_policy(replayed(write)), what_followed(replayed(a_burst))
    draw(slack_page.page(slack_message(opened)), folder / "slack.png", 610)
    draw(slack_page.page(slack_message(followed)), folder / "slack-follow-up.png", 680)
    draw(teams_page.page(renderer, teams_message(opened)), folder / "teams.png", 730)
    for name, dark in (("light", False), ("dark", True)):
        slack = slack_page.page(slack_message(opened), width=PHONE, dark=dark)
        draw(slack, folder / f"slack-phone-{name}.png", 1100, PHONE)
        teams = teams_page.page(renderer, teams_message(opened), width=TEAMS_PHONE, dark=dark)
        draw(teams, folder / f"teams-phone-{name}.png", 915, TEAMS_PHONE)
        mail = mail_page.page(subject(opened), plain_text(opened), PHONE, dark)
        draw(mail, folder / f"mail-phone-{name}.png", 1275, PHONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
