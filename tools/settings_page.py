"""The settings as a page of documentation, written from the one table that declares them."""

from collections.abc import Iterable

from registrywatch.rules import AnyRule
from registrywatch.settings.variables import rule_variables, stem
from registrywatch.variables import PREFIX, Variable

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


def document(variables: Iterable[Variable], rules: Iterable[AnyRule]) -> str:
    """The page, as Markdown: a table for each part, that of the rules once for all of them."""
    table = tuple(variables)
    parts = [
        f"## {title}\n\n{_table([each for each in table if each.part == part])}"
        for part, title in _PARTS.items()
    ]
    return "\n".join([_HEAD, _OF_RULES, _table(_of_rules(rules)), *parts])


def _of_rules(rules: Iterable[AnyRule]) -> list[Variable]:
    """One variable for each that several rules have; where defaults differ, all of them."""
    merged: dict[str, Variable] = {}
    defaults: dict[str, dict[str, None]] = {}
    for rule in rules:
        for variable in rule_variables(rule):
            name = f"{PREFIX}<RULE>_{variable.name.removeprefix(stem(rule))}"
            merged.setdefault(name, variable)
            if variable.default:
                way = rule.counting.done if rule.counting else ""
                text = variable.default
                defaults.setdefault(name, {})[f"{text} {way}".strip()] = None
    return [
        Variable(name, each.part, each.meaning, each.read, _joined(defaults.get(name, {})))
        for name, each in merged.items()
    ]


def _joined(defaults: Iterable[str]) -> str | None:
    """ "50 pushed, 100 pulled"; "600" if they are all the same."""
    texts = list(defaults)
    values = list(dict.fromkeys(text.partition(" ")[0] for text in texts))
    return values[0] if len(values) == 1 else ", ".join(texts) or None


def _table(variables: Iterable[Variable]) -> str:
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for each in variables:
        also = f" (or `{each.also}`)" if each.also else ""
        default = f"`{each.default}`" if each.default else ""
        rows.append(f"| `{each.name}`{also} | {each.meaning} | {default} |")
    return "\n".join(rows) + "\n"
