"""`registrywatch rules`: the catalogue, or one rule with its settings."""

import argparse
import sys
from collections.abc import Iterator

import msgspec

from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.local import local_settings
from registrywatch.cli.screen import Screen, screen_of, wrapped
from registrywatch.errors import did_you_mean
from registrywatch.rules import CATALOGUE, AnyRule, rule_named
from registrywatch.settings import Settings
from registrywatch.settings.variables import rule_variables

_WIDEST = 100  # columns of running text; longer lines are hard to read


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "rules",
        help=COMMANDS["rules"],
        description="Lists the rules; with a name, shows that rule with its settings.",
        examples=[
            ("rules", "lists all rules"),
            ("rules ecr-excessive-image-pull", "shows one rule: what it detects, what to do"),
            ("rules --json | jq '.[].name'", "the same for programs"),
        ],
    )
    parser.add_argument("--json", action="store_true", help="print JSON: a rule, or a list")
    parser.add_argument("name", nargs="?", metavar="RULE", help="the rule's name")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the catalogue or a rule; return the exit status."""
    named = arguments.name and rule_meant(arguments.name, arguments.parser)
    settings, screen = local_settings(), screen_of(sys.stdout)
    if arguments.json:
        rules = named or CATALOGUE
        found = (
            [_data(rule, settings) for rule in rules]
            if isinstance(rules, tuple)
            else _data(rules, settings)
        )
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        lines = _whole(named, settings, screen) if named else _list(settings, screen)
        print(*lines, sep="\n")
    return 0


def rule_meant(name: str, parser: argparse.ArgumentParser) -> AnyRule:
    """The rule of that name; ends with a hint where there is none."""
    try:
        return rule_named(name)
    except KeyError:
        hint = did_you_mean(name, (rule.name for rule in CATALOGUE))
        parser.error(f"there is no rule {name!a}{hint}")


def mitre_ids(rule: AnyRule) -> str:
    """The rule's tactics and techniques, by id."""
    return ", ".join(f"{each.tactic} {each.technique}" for each in rule.mitre)


def _list(settings: Settings, screen: Screen) -> Iterator[str]:
    """A table where it fits, without the MITRE ids if need be; else two lines a rule."""
    rows = [("rule", "title", "", "MITRE")]
    rows += [(rule.name, rule.title, _state(rule, settings), mitre_ids(rule)) for rule in CATALOGUE]
    for columns in (4, 3):
        table = [row[:columns] for row in rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        if screen.width is None or sum(widths) + 2 * (columns - 1) <= screen.width:
            for row in table:
                cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
                yield "  ".join(cells).rstrip()
            return
    for name, *rest in rows[1:]:
        yield from map(screen.bold, wrapped(name, screen.width))
        yield from wrapped(" · ".join(filter(None, rest)), screen.width, 2)


def _state(rule: AnyRule, settings: Settings) -> str:
    if not settings.tunings[rule.name].enabled:
        return "off"
    return "counted" if rule.counting else ""


def _whole(rule: AnyRule, settings: Settings, screen: Screen) -> Iterator[str]:
    width = screen.width and min(screen.width, _WIDEST)
    yield from map(screen.bold, wrapped(rule.name, width))
    yield from wrapped(f"{rule.title} · {mitre_ids(rule)}", width)
    yield ""
    yield from wrapped(rule.description, width)
    for title, lines in (
        ("Impact", (rule.impact,)),
        ("What to do", (rule.mitigation,)),
        ("Harmless causes", tuple(f"- {cause}" for cause in rule.harmless)),
        ("References", rule.references),
    ):
        yield ""
        yield screen.bold(title)
        for line in lines:
            yield from wrapped(line, width)
    yield ""
    yield screen.bold("Settings")
    for variable in rule_variables(rule):
        yield from wrapped(f"{variable.name} = {settings.shown(variable)}", width)
        yield from wrapped(variable.meaning, width, 4)


def _data(rule: AnyRule, settings: Settings) -> dict[str, object]:
    return {
        "name": rule.name,
        "title": rule.title,
        "cloud": rule.cloud,
        "mitre": rule.mitre,
        "counted": rule.counting is not None,
        "enabled": settings.tunings[rule.name].enabled,
        "description": rule.description,
        "impact": rule.impact,
        "mitigation": rule.mitigation,
        "harmless": rule.harmless,
        "references": rule.references,
        "settings": {each.name: settings.shown(each) for each in rule_variables(rule)},
    }
