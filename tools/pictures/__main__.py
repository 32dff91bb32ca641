"""Draws docs/pictures: `python -m tools.pictures [FOLDER]`. Needs Debian's chromium and npm."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from registrywatch.alerts import Alert
from registrywatch.delivery.destinations.slack import slack_message
from registrywatch.delivery.destinations.teams import teams_message
from registrywatch.delivery.fold import follow_up, place
from registrywatch.events import Actor
from registrywatch.rules import rule_named
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.integration.components import TOOLS, fetch
from tools.pictures import slack_page, teams_page

PICTURES = Path(__file__).parents[2] / "docs/pictures"
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


def opened_policy() -> Alert:
    rule = rule_named("ecr-repository-policy-applied")
    return an_alert(
        rule=rule.name,
        title=rule.title,
        summary="Deploy/alice opened prod/api to anyone: everybody may push "
        "(111122223333, eu-west-1)",
        severity=Severity.CRITICAL,
        reasons=(
            "Statement “AllowAll” lets anyone push: ecr:PutImage, ecr:CompleteLayerUpload.",
            "No condition narrows it.",
        ),
        time="2026-08-01T09:10:12Z",
        actor=Actor(
            id="arn:aws:iam::111122223333:role/Deploy",
            name="Deploy/alice",
            type="AssumedRole",
            ip="203.0.113.12",
            user_agent="aws-cli/2.17.9 md/awscrt#0.20.11",
        ),
        mitre=(Mitre("TA0004", "T1484"),),
        impact=rule.impact,
        mitigation=rule.mitigation,
        references=rule.references,
    )


def what_followed() -> Alert:
    """The follow-up to a burst of deletions."""
    fold = None
    for number in range(42):
        alert = an_alert(number, repository=f"prod/{'abcd'[number % 4]}", severity=Severity.HIGH)
        fold = place(fold, alert, now=1_785_574_800.0, seconds=900).fold
    assert fold is not None
    return follow_up(alert, fold)


def draw(html: str, picture: Path, height: int) -> None:
    with TemporaryDirectory() as scratch:
        source = Path(scratch) / "page.html"
        source.write_text(html)
        size = f"--window-size=720,{height}"
        profile = f"--user-data-dir={scratch}/profile"
        shot = f"--screenshot={picture}"
        command = ["chromium", *FLAGS, profile, size, "--force-device-scale-factor=1", shot]
        subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=120)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fetch("adaptivecards")
    renderer = TOOLS / "adaptivecards/package/dist/adaptivecards.min.js"
    opened, followed = opened_policy(), what_followed()
    draw(slack_page.page(slack_message(opened)), folder / "slack.png", 515)
    draw(slack_page.page(slack_message(followed)), folder / "slack-follow-up.png", 570)
    draw(teams_page.page(renderer, teams_message(opened)), folder / "teams.png", 570)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
