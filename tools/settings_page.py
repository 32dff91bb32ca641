"""The settings as a page of documentation, written from the one table that declares them."""

from collections.abc import Collection, Iterable

import msgspec

from registrywatch.rules import AnyRule
from registrywatch.settings.variables import rule_variables, stem
from registrywatch.variables import PREFIX, AnyVariable

_HEAD = """\
# The settings

<!-- Written from the table of variables by `make docs`; change settings/variables.py instead. -->

Settings are environment variables, the same for the command line and the cloud functions. A value
that can't be used, or a variable of this prefix that nothing reads, stops the start with an error
that says what is accepted. Lists are separated by commas.
"""
_OF_RULES = """\
## Of a rule

`<RULE>` is a rule's name in capitals with underscores: `ecr-images-deleted` is tuned by
`REGISTRYWATCH_ECR_IMAGES_DELETED_SEVERITY` and so on. [The rules](rules.md) name them in full.
"""
_PARTS = {"general": "General", "destinations": "Destinations", "deployment": "Deployment"}


def document(variables: Iterable[AnyVariable], rules: Iterable[AnyRule]) -> str:
    """The page, as Markdown: a table for each part, that of the rules once for all of them."""
    table = tuple(variables)
    parts = [
        f"## {title}\n\n{_table([each for each in table if each.part == part])}"
        for part, title in _PARTS.items()
    ]
    return "\n".join([_HEAD, _OF_RULES, _table(_of_rules(rules)), *parts])


def _of_rules(rules: Iterable[AnyRule]) -> list[AnyVariable]:
    """One variable for each that several rules have; where defaults differ, all of them."""
    merged: dict[str, AnyVariable] = {}
    defaults: dict[str, set[str]] = {}
    for rule in rules:
        for each in rule_variables(rule):
            name = _of_any_rule(each.name, rule)
            same_as = each.same_as and _of_any_rule(each.same_as, rule)
            merged.setdefault(name, msgspec.structs.replace(each, name=name, same_as=same_as))
            defaults.setdefault(name, set()).update([each.default] if each.default else [])
    return [
        msgspec.structs.replace(each, default=_joined(defaults[name]))
        for name, each in merged.items()
    ]


def _of_any_rule(name: str, rule: AnyRule) -> str:
    return f"{PREFIX}<RULE>_{name.removeprefix(stem(rule))}"


def _joined(defaults: Collection[str]) -> str | None:
    """ "50 or 100, by rule"; "600" if they are all the same."""
    if len(defaults) < 2:
        return next(iter(defaults), None)
    *others, last = sorted(defaults, key=lambda text: (len(text), text))
    return f"{', '.join(others)} or {last}, by rule"


def _table(variables: Iterable[AnyVariable]) -> str:
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for each in variables:
        also = f" (or `{each.also}`)" if each.also else ""
        default = f"`{each.default}`" if each.default else ""
        if each.same_as:
            default = f"as `{each.same_as}`"
        rows.append(f"| `{each.name}`{also} | {each.meaning} | {default} |")
    return "\n".join(rows) + "\n"
