"""Generates docs/rules.md, the page on the rules, from the catalogue."""

from collections.abc import Callable, Iterable
from typing import Protocol

from registrywatch.rules.rule import AnyRule, Mitre

_HEAD = """\
# The rules

<!-- Written from the catalogue by `make docs`; change the rules' modules instead. -->

What registrywatch detects. A rule grades the severity by the content of the event: `informational`,
`low`, `medium`, `high` or `critical`. The `reasons` of each alert explain its severity. A call that
failed raises no alert and is not counted, except by `ecr-denied-calls`.
"""


class Setting(Protocol):
    """A setting of a rule: its variable, what it means, and its default (None: unset)."""

    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def default(self) -> str | None: ...


def document(catalogue: Iterable[AnyRule], settings: Callable[[AnyRule], Iterable[Setting]]) -> str:
    """The page, as Markdown: a table of all rules, then each rule with its settings."""
    rules = tuple(catalogue)
    rows = [
        f"| [`{rule.name}`](#{rule.name}) | {rule.title} | {_attack(rule.mitre)} "
        f"| {'yes' if rule.counting else ''} |"
        for rule in rules
    ]
    table = ["| rule | title | MITRE ATT&CK | counted |", "|---|---|---|---|", *rows]
    sections = [_section(rule, settings(rule)) for rule in rules]
    return "\n".join([_HEAD, *table, "", *sections])


def _section(rule: AnyRule, settings: Iterable[Setting]) -> str:
    blocks = [
        f"## {rule.name}",
        f"**{rule.title}** · {'AWS' if rule.cloud == 'aws' else 'Azure'} · {_attack(rule.mitre)}",
        rule.description,
        f"**What it may mean.** {rule.impact}",
        f"**What to do.** {rule.mitigation}",
        "**Everyday causes**, to rule out first:",
        _list(rule.harmless),
        "**Settings:**",
        _list(f"`{each.name}`: {each.meaning}{_default(each.default)}" for each in settings),
        "**References:**",
        _list(f"<{reference}>" for reference in rule.references),
    ]
    return "\n\n".join(blocks) + "\n"


def _attack(mitre: Iterable[Mitre]) -> str:
    return ", ".join(f"{each.tactic} {each.technique}" for each in mitre)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _default(text: str | None) -> str:
    return f" (`{text}`)" if text else ""
