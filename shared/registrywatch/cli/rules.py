"""`registrywatch rules`: the catalogue, and one rule whole with its settings."""

import argparse
import difflib

from registrywatch.cli import Commands
from registrywatch.cli.local import local_settings
from registrywatch.cli.output import console
from registrywatch.rules import CATALOGUE, AnyRule, rule_named
from registrywatch.settings.variables import rule_variables


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "rules",
        help="list the rules, or show one whole",
        description="Lists the rules; with a name, shows that rule whole with its settings.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the rule's name")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows the catalogue or a rule; returns the exit status."""
    if arguments.name is None:
        _list()
        return 0
    _show(rule_meant(arguments.name, arguments.parser))
    return 0


def rule_meant(name: str, parser: argparse.ArgumentParser) -> AnyRule:
    """The rule of that name; ends with a hint where there is none."""
    try:
        return rule_named(name)
    except KeyError:
        names = [rule.name for rule in CATALOGUE]
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"; did you mean {close[0]}?" if close else ""
        parser.error(f"there is no rule {name!a}{hint}")


def _list() -> None:
    from rich.table import Table

    tunings = local_settings().tunings
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("title")
    table.add_column("MITRE", no_wrap=True)
    table.add_column("")
    for rule in CATALOGUE:
        state = "counted" if rule.counting else ""
        table.add_row(
            rule.name,
            rule.title,
            mitre_ids(rule),
            state if tunings[rule.name].enabled else "switched off",
        )
    console().print(table)


def _show(rule: AnyRule) -> None:
    from rich.padding import Padding
    from rich.text import Text

    tuned = local_settings()
    screen = console()
    screen.print(Text.assemble((rule.name, "bold"), f"  {rule.title}  ", (mitre_ids(rule), "dim")))
    screen.print()
    screen.print(Text(rule.description))
    for title, lines in (
        ("Impact", (rule.impact,)),
        ("What to do", (rule.mitigation,)),
        ("Harmless causes", tuple(f"- {cause}" for cause in rule.harmless)),
        ("References", rule.references),
    ):
        screen.print()
        screen.print(Text(title, "bold"))
        for line in lines:
            screen.print(Text(line, overflow="fold"))
    screen.print()
    screen.print(Text("Settings", "bold"))
    for variable in rule_variables(rule):
        screen.print(Text.assemble(f"{variable.name} = ", (tuned.shown(variable), "bold")))
        screen.print(Padding(Text(variable.meaning, "dim"), (0, 0, 0, 4), expand=False))


def mitre_ids(rule: AnyRule) -> str:
    """The rule's tactics and techniques, by id."""
    return ", ".join(f"{each.tactic} {each.technique}" for each in rule.mitre)
