"""The values of variables, read from their texts."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import cast

import msgspec

from registrywatch.errors import did_you_mean
from registrywatch.variables import AnyVariable, Variable


class Values(msgspec.Struct, frozen=True):
    """What was set, as texts, and the value of each variable by its name."""

    given: Mapping[str, str]
    read: Mapping[str, object]

    def __repr__(self) -> str:  # they hold secrets
        return "Values(…)"

    def __getitem__[T](self, variable: Variable[T]) -> T:
        """The value of a variable of the table."""
        return cast("T", self.read[variable.name])

    def shown(self, variable: AnyVariable) -> str:
        """The present value as text, for people; never a secret."""
        if variable.name in self.given:
            return "(set)" if variable.secret else self.given[variable.name] or "(none)"
        if variable.same_as is not None:
            return str(self.read[variable.name])
        return "(not set)" if variable.default is None else variable.default or "(none)"


def read(
    given: Mapping[str, str],
    table: Collection[AnyVariable],
    problems: list[str],
    every: Callable[[], Iterable[AnyVariable]] = tuple,
) -> Values:
    """Read every variable of the table. Adds a sentence to `problems` for each mistake.

    `every` gives all that could be meant by a name that is not in the table.
    """
    known = _known(given, table, problems, every)
    values: dict[str, object] = {}
    for variable in table:
        text = known.get(variable.name, variable.default)
        if text is None:
            values[variable.name] = values.get(variable.same_as) if variable.same_as else None
            continue
        try:
            values[variable.name] = variable.read(text.strip())
        except ValueError as error:
            problems.append(problem(variable, text, f"it must be {error}"))
    return Values(known, values)


def problem(variable: AnyVariable, text: str, accepted: str) -> str:
    """The sentence for a value that can't be used."""
    value = "its value (a secret, not shown)" if variable.secret else repr(text)
    if not text.strip():
        value = "an empty value"
    return f"{variable.name}: {value} can't be used; {accepted}"


def _known(
    given: Mapping[str, str],
    table: Collection[AnyVariable],
    problems: list[str],
    every: Callable[[], Iterable[AnyVariable]],
) -> dict[str, str]:
    """What is set, under the names of the table; a sentence for each name that is not in it."""
    names = {variable.name: variable.name for variable in table}
    names |= {variable.also: variable.name for variable in table if variable.also}
    known: dict[str, str] = {}
    for name, text in given.items():
        if name in names:
            known[names[name]] = text
            continue
        spelled = [*names, *(variable.name for variable in every())]
        hint = did_you_mean(name.upper(), spelled)
        problems.append(f"{name} is not a setting of registrywatch{hint}")
    return known
