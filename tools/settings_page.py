"""Generates docs/settings.md, the page on the settings, from the table that declares them."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from registrywatch.rules import AnyRule
from registrywatch.settings.destinations import Place
from registrywatch.settings.variables import rule_variables, stem
from registrywatch.variables import PREFIX, AnyVariable

_HEAD = """\
# The settings

<!-- Written from the table of variables by `make docs`; change registrywatch/settings instead. -->

Settings are environment variables, the same for the command line and the cloud functions. Their
names begin with `REGISTRYWATCH_`. A value that can't be used, or an unknown name with this prefix,
stops the program at the start, with an error that says what is accepted. Commas separate the items
of a list. In a glob, `*` is any text and `?` is one character; it must match the whole name.

`registrywatch check-settings` lists all errors before you deploy.
"""
_RULES = """\
## For each rule

`<RULE>` is a rule's name in capitals with underscores: `ecr-images-deleted` is tuned by
`REGISTRYWATCH_ECR_IMAGES_DELETED_SEVERITY` and so on. [The rules](rules.md) lists them in full.
"""
_DESTINATIONS = """\
## For each destination

`<DESTINATION>` is {names}.

A destination exists if the first of its own settings is set. To set up several of one kind, give
each a name: `REGISTRYWATCH_SLACK__PAYMENTS__WEBHOOK_URL` sets up the destination `slack/payments`,
and `REGISTRYWATCH_SLACK__PAYMENTS__REPOSITORIES=payments/*` says which alerts it receives.
"""


def document(
    variables: Iterable[AnyVariable], rules: Iterable[AnyRule], places: Collection[Place]
) -> str:
    """The page, as Markdown. Settings that all rules or all destinations have are listed once."""
    table = tuple(variables)
    of_rules = _merged((rule_variables(rule), stem(rule), "") for rule in rules)
    shared = _merged(
        (_shared(place), f"{PREFIX}{place.kind.stem}_", place.kind.label) for place in places
    )
    listed_once = {variable.name for place in places for variable in _shared(place)}
    own = [each for each in table if each.part == "destinations" and each.name not in listed_once]
    names = [f"`{place.kind.stem}`" for place in places]
    return "\n".join(
        [
            _HEAD,
            _RULES,
            _table(_named(of_rules, "RULE")),
            "## General\n",
            _table(each for each in table if each.part == "general"),
            "## Destinations\n",
            _table(own),
            _DESTINATIONS.format(names=f"{', '.join(names[:-1])} or {names[-1]}"),
            _table(_named(shared, "DESTINATION")),
            "## Deployment\n",
            _table(each for each in table if each.part == "deployment"),
        ]
    )


def _shared(place: Place) -> list[AnyVariable]:
    """The variables of a destination that every kind of destination has."""
    own = {option.suffix for option in place.kind.options}
    return [each for suffix, each in place.variables.items() if suffix not in own]


Merged = dict[str, tuple[AnyVariable, set[str]]]


def _merged(families: Iterable[tuple[Iterable[AnyVariable], str, str]]) -> Merged:
    """By suffix: one variable that stands for those of several families, and all their defaults.

    A family is its variables, the prefix of their names, and a label that their meanings may use.
    """
    merged: Merged = {}
    for variables, start, label in families:
        for each in variables:
            suffix = each.name.removeprefix(start)
            meaning = each.meaning.replace(label, "the destination") if label else each.meaning
            same_as = each.same_as and each.same_as.removeprefix(start)
            general = msgspec.structs.replace(each, meaning=meaning, same_as=same_as, also=None)
            _, defaults = merged.setdefault(suffix, (general, set()))
            defaults.update([each.default] if each.default else [])
    return merged


def _named(merged: Merged, family: str) -> Iterator[AnyVariable]:
    start = f"{PREFIX}<{family}>_"
    for suffix, (variable, defaults) in merged.items():
        yield msgspec.structs.replace(
            variable,
            name=start + suffix,
            default=_joined(defaults),
            same_as=variable.same_as and start + variable.same_as,
        )


def _joined(defaults: Collection[str]) -> str | None:
    """The defaults as "50` or `100"; `_table` adds the outer backticks. None without a default."""
    if len(defaults) < 2:
        return next(iter(defaults), None)
    *others, last = sorted(defaults, key=lambda text: (len(text), text))
    return f"{'`, `'.join(others)}` or `{last}"


def _table(variables: Iterable[AnyVariable]) -> str:
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for each in variables:
        also = f" (or `{each.also}`)" if each.also else ""
        default = f"`{each.default}`" if each.default else ""
        if each.same_as:
            default = f"as `{each.same_as}`"
        rows.append(f"| `{each.name}`{also} | {each.meaning} | {default} |")
    return "\n".join(rows) + "\n"
