"""What the commands that make a sample alert have in common."""

import argparse
import time

from registrywatch.cli.rules import rule_meant
from registrywatch.rules import AnyRule
from registrywatch.severity import Severity
from registrywatch.times import rfc3339

USUAL = "ecr-images-deleted"


def add_rule_and_severity(parser: argparse.ArgumentParser, optional: bool) -> None:
    """Declare the rule whose alert it is, and `--severity`."""
    known = "`registrywatch rules` lists them"
    if optional:
        parser.add_argument(
            "rule", nargs="?", default=USUAL, metavar="RULE", help=f"the rule; {known}"
        )
    else:
        parser.add_argument("rule", metavar="RULE", help=f"the rule; {known}")
    parser.add_argument(
        "--severity",
        choices=[severity.value for severity in Severity],
        default=Severity.HIGH.value,
        metavar="SEVERITY",
        help=f"{', '.join(severity.value for severity in Severity)} (default: high)",
    )


def a_rule(arguments: argparse.Namespace) -> AnyRule:
    """The rule that was named; ends with a hint where there is none."""
    return rule_meant(arguments.rule, arguments.parser)


def severity_of(arguments: argparse.Namespace) -> Severity:
    return Severity(arguments.severity)


def this_moment() -> str:
    """Now, to the second, as alerts write it."""
    return rfc3339(int(time.time()))
