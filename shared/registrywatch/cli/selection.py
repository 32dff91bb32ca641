"""Which alerts are asked for: the filters that `replay` and `tune` have in common."""

import argparse
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from registrywatch.alerts import Alert
from registrywatch.cli.command_parser import argument
from registrywatch.errors import UnreadableInput, did_you_mean
from registrywatch.events import RegistryEvent
from registrywatch.globs import Globs, globs_overlap
from registrywatch.readers import severity
from registrywatch.rules import CATALOGUE
from registrywatch.severity import Severity
from registrywatch.times import DAY, rfc3339, seconds

_AGO = r"(?a)(\d{1,6})(s|m|h|d|w)"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
_DATE = r"(?a)\d{4}-\d\d-\d\d"
_TIMES = "a time (2026-08-01T09:00:00Z), a date (2026-08-01), or how long ago (30d, 12h, 45m)"


class Selection(msgspec.Struct, frozen=True):
    """Which alerts to show. `since` is included, `until` is not; both in seconds since the epoch.

    An alert that names no repository concerns several of them or the whole registry: it passes
    whatever repositories are asked for. The same holds for the account.
    """

    since: float | None = None
    until: float | None = None
    rules: Globs = Globs()
    min_severity: Severity = Severity.INFORMATIONAL
    accounts: Globs = Globs()
    repositories: Globs = Globs()

    def holds(self, alert: Alert) -> bool:
        """Whether the alert is one of those that were asked for."""
        if self.since is not None or self.until is not None:
            at = seconds(alert.time)
            if at < (self.since or 0.0) or (self.until is not None and at >= self.until):
                return False
        return (
            self.min_severity <= alert.severity
            and (not self.rules or alert.rule in self.rules)
            and (not self.accounts or alert.account is None or alert.account in self.accounts)
            and (
                not self.repositories
                or alert.repository is None
                or alert.repository in self.repositories
            )
        )

    def in_words(self) -> str:
        """The filters in words: "since 2026-08-01T00:00:00Z, high or worse"; "" without any."""
        lowest = Severity.INFORMATIONAL
        parts = (
            f"since {rfc3339(self.since)}" if self.since is not None else "",
            f"before {rfc3339(self.until)}" if self.until is not None else "",
            f"rule {' or '.join(self.rules.patterns)}" if self.rules else "",
            f"{self.min_severity.value} or worse" if lowest < self.min_severity else "",
            f"account {' or '.join(self.accounts.patterns)}" if self.accounts else "",
            f"repository {' or '.join(self.repositories.patterns)}" if self.repositories else "",
        )
        return ", ".join(filter(None, parts))

    def takes(self, event: RegistryEvent) -> bool:
        """Whether the event is of the time and the accounts that were asked for."""
        since, until = self.since, self.until
        return (
            (since is None or event.time >= since)
            and (until is None or event.time < until)
            and self._is_of_accounts(event)
        )

    def is_before(self, event: RegistryEvent) -> bool:
        """Whether the event is of those accounts, and of an earlier time."""
        return self.since is not None and event.time < self.since and self._is_of_accounts(event)

    def _is_of_accounts(self, event: RegistryEvent) -> bool:
        return not self.accounts or event.account is None or event.account in self.accounts


EVERYTHING = Selection()
"""Nothing is filtered."""


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Declare the filters."""
    group = parser.add_argument_group("which alerts")
    _add_period(group)
    group.add_argument(
        "--rule", metavar="RULE", type=rule_glob, action="append", help="of this rule; globs work"
    )
    group.add_argument(
        "--min-severity",
        metavar="SEVERITY",
        type=argument(severity),
        help="of this severity or worse",
    )
    group.add_argument(
        "--repository",
        metavar="NAME",
        type=_glob,
        action="append",
        help="about this repository; globs. Alerts about several repositories pass",
    )


def add_period(parser: argparse.ArgumentParser) -> None:
    """Declare the filters on events alone: time and account."""
    _add_period(parser.add_argument_group("which events"))


def _add_period(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--since",
        metavar="TIME",
        type=argument(since),
        help=f"from then on: {_TIMES}; times are UTC",
    )
    group.add_argument(
        "--until",
        metavar="TIME",
        type=argument(until),
        help="before then; a date includes its whole day",
    )
    group.add_argument(
        "--account",
        metavar="ID",
        type=_glob,
        action="append",
        help="in this account or subscription; globs",
    )


def period_of(arguments: argparse.Namespace) -> Selection:
    """What the filters on events say. Ends with a usage error where they leave no time."""
    _check(arguments)
    accounts = Globs(tuple(arguments.account or ()))
    return Selection(arguments.since, arguments.until, accounts=accounts)


def selection_of(arguments: argparse.Namespace) -> Selection:
    """What the filters say. Ends with a usage error where they leave no time."""
    _check(arguments)
    return Selection(
        arguments.since,
        arguments.until,
        Globs(tuple(arguments.rule or ())),
        arguments.min_severity or Severity.INFORMATIONAL,
        Globs(tuple(arguments.account or ())),
        Globs(tuple(arguments.repository or ())),
    )


def _check(arguments: argparse.Namespace) -> None:
    if None not in (arguments.since, arguments.until) and arguments.since >= arguments.until:
        arguments.parser.error("--since must be before --until")


def since(text: str) -> float:
    """A time, as `moment` reads it; a date is its beginning."""
    return moment(text, end_of_day=False)


def until(text: str) -> float:
    """A time, as `moment` reads it; a date is its end."""
    return moment(text, end_of_day=True)


def moment(text: str, end_of_day: bool, clock: Callable[[], float] = time.time) -> float:
    """A time, a date or how long ago, as seconds since the epoch.

    Raises ValueError with what is accepted.
    """
    if ago := re.fullmatch(_AGO, text):
        return clock() - int(ago[1]) * _UNITS[ago[2]]
    try:
        if re.fullmatch(_DATE, text):
            return seconds(f"{text}T00:00:00Z") + (DAY if end_of_day else 0.0)
        if "T" in text.upper():
            return seconds(text.upper())
    except UnreadableInput:
        pass
    raise ValueError(_TIMES)


def day(at: float) -> str:
    """The UTC day of a time, such as 2026-08-01."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _glob(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; * is everything")
    return text


def rule_glob(text: str) -> str:
    """A rule's name or a glob that names at least one, for argparse."""
    names = [rule.name for rule in CATALOGUE]
    if not any(globs_overlap(text, name) for name in names):
        raise argparse.ArgumentTypeError(f"there is no rule {text!a}{did_you_mean(text, names)}")
    return text
