"""Every setting there is, in one table: parsing, errors, hints and the docs all read it."""

from collections.abc import Iterable

from registrywatch.settings.deployment import DEPLOYMENT
from registrywatch.settings.destinations import Place, every_place, variables_of
from registrywatch.settings.general import CONFIG, GENERAL
from registrywatch.settings.of_rules import OF_RULES, rule_variables, stem
from registrywatch.variables import AnyVariable

__all__ = [
    "CONFIG",
    "DEPLOYMENT",
    "GENERAL",
    "every_variable",
    "rule_variables",
    "stem",
    "table",
]


def table(places: Iterable[Place]) -> tuple[AnyVariable, ...]:
    """All settings, of the destinations those of `places`."""
    return (
        *GENERAL,
        *(variable for of_rule in OF_RULES.values() for variable in of_rule),
        *variables_of(places),
        *DEPLOYMENT,
    )


def every_variable() -> tuple[AnyVariable, ...]:
    """All settings, in the order of the docs."""
    return table(every_place())
