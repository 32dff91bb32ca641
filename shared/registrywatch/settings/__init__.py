"""Settings: the environment, parsed once into frozen values."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from registrywatch.errors import SettingsError
from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.rules.rule import CountTuning, Trust, Tuning
from registrywatch.settings import config_file
from registrywatch.settings.variables import CONFIG, VARIABLES, rule_variables, stem
from registrywatch.variables import PREFIX, Variable

__all__ = ["Settings", "parse"]


class Settings(msgspec.Struct, frozen=True):
    """What the user has set. `given` holds the text of what was set, secrets included."""

    tunings: Mapping[str, Tuning]
    trust: Trust
    values: Mapping[str, Any]
    given: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        """The value of the variable of that name; None if it is absent."""
        return self.values[name]

    def shown(self, variable: Variable) -> str:
        """The variable's present value as text, for people; never a secret."""
        if variable.secret and variable.name in self.given:
            return "(set)"
        text = self.given.get(variable.name, variable.default)
        if text is None and variable.name.endswith("_QUIET_SECONDS"):
            return str(self.values[variable.name])
        return "(not set)" if text is None else text or "(none)"


def parse(environ: Mapping[str, str], fetch: Callable[[str], str] | None = None) -> Settings:
    """Parses all variables that begin with REGISTRYWATCH_; others are nobody's business here.

    `fetch` gets the value of `ssm:NAME`. Raises SettingsError, with all that is wrong at once.
    """
    given = {name: text for name, text in environ.items() if name.startswith(PREFIX)}
    if CONFIG in given:
        given = {**config_file.load(given[CONFIG], fetch or _no_ssm), **given}
    given, problems = _known(given)
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        text = given.get(variable.name, variable.default)
        try:
            values[variable.name] = None if text is None else variable.read(text.strip())
        except ValueError as error:
            problems.append(_problem(variable, text, str(error)))
    if problems:
        raise SettingsError(*problems)
    tunings = {}
    for rule in CATALOGUE:
        tunings[rule.name] = _tuning(rule, values, problems)
    if problems:
        raise SettingsError(*problems)
    trust = Trust(
        accounts=values["REGISTRYWATCH_TRUSTED_ACCOUNTS"],
        orgs=values["REGISTRYWATCH_TRUSTED_ORGS"],
        protected_tags=values["REGISTRYWATCH_PROTECTED_TAGS"],
    )
    return Settings(tunings, trust, values, given)


def _no_ssm(where: str) -> str:
    raise SettingsError(f"{CONFIG}={where!r}: reading from SSM needs the extra `aws`")


def _known(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What is set, under the names of the table; a sentence for each name that is not in it."""
    names = {variable.name: variable.name for variable in VARIABLES}
    names |= {variable.also: variable.name for variable in VARIABLES if variable.also}
    known: dict[str, str] = {}
    problems = []
    for name, text in given.items():
        if name in names:
            known[names[name]] = text
            continue
        close = difflib.get_close_matches(name.upper(), names, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        problems.append(f"{name} is not a setting of registrywatch{meant}")
    return known, problems


def _problem(variable: Variable, text: str | None, accepted: str) -> str:
    value = "its value (a secret, not shown)" if variable.secret else repr(text)
    return f"{variable.name}: {value} can't be used; it must be {accepted}"


def _tuning(rule: AnyRule, values: dict[str, Any], problems: list[str]) -> Tuning:
    of_rule = {
        variable.name.removeprefix(stem(rule)): variable.name for variable in rule_variables(rule)
    }
    value = {suffix: values[name] for suffix, name in of_rule.items()}
    counting = None
    if rule.counting is not None:
        window, quiet = value["WINDOW_SECONDS"], value["QUIET_SECONDS"]
        if quiet is None:
            quiet = values[of_rule["QUIET_SECONDS"]] = window
        if quiet < window:
            problems.append(
                f"{of_rule['QUIET_SECONDS']}: '{quiet}' can't be used; it must not be less than "
                f"the window, {of_rule['WINDOW_SECONDS']}={window}"
            )
        counting = CountTuning(value["THRESHOLD"], value["COUNT"], window, quiet, value["GROUP_BY"])
    return Tuning(
        enabled=value["ENABLED"],
        severity=value["SEVERITY"],
        ignore_actors=values["REGISTRYWATCH_IGNORE_ACTORS"] + value["IGNORE_ACTORS"],
        ignore_repositories=values["REGISTRYWATCH_IGNORE_REPOSITORIES"]
        + value["IGNORE_REPOSITORIES"],
        counting=counting,
    )
