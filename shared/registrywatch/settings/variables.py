"""Every setting there is, in one table: parsing, errors, hints and the docs all read it."""

from registrywatch.settings.deployment import DEPLOYMENT
from registrywatch.settings.destinations import DESTINATIONS
from registrywatch.settings.general import CONFIG, GENERAL
from registrywatch.settings.of_rules import OF_RULES, rule_variables, stem
from registrywatch.variables import AnyVariable

__all__ = [
    "CONFIG",
    "DEPLOYMENT",
    "DESTINATIONS",
    "GENERAL",
    "VARIABLES",
    "rule_variables",
    "stem",
]

VARIABLES: tuple[AnyVariable, ...] = (
    *GENERAL,
    *(variable for of_rule in OF_RULES.values() for variable in of_rule),
    *DESTINATIONS,
    *DEPLOYMENT,
)
