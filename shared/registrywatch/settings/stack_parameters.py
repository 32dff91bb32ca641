"""The settings that a stack of template.yaml would give its functions, from its parameters.

The template is read line by line: which parameter sets which variable, as its environment says.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from registrywatch.errors import SettingsError, did_you_mean, reason_of
from registrywatch.settings.stack_limits import Limit, limits_in

_VARIABLE = re.compile(r"^( +)(REGISTRYWATCH_\w+):(.*)$")
_REFERENCE = re.compile(r'!Ref "?(?P<ref>\w+)\b(?!::)|!Sub "(?P<sub>[^"]*)"')
_PLACE = re.compile(r"\$\{(\w+)\}")


class Source(msgspec.Struct, frozen=True):
    """Where a variable comes from: a parameter, and the text around its value ("ssm:{}")."""

    parameter: str
    form: str = "{}"


class Template(msgspec.Struct, frozen=True):
    """A template's parameters, and the sources of each variable in its functions' environment."""

    parameters: Mapping[str, Limit]
    variables: Mapping[str, tuple[Source, ...]]


def read_template(path: Path) -> Template:
    """Read a template. Raises SettingsError if it can't be read or sets no variable."""
    text = _text(path)
    _, found, rest = f"\n{text}".partition("\nParameters:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    parameters = limits_in(section)
    variables: dict[str, tuple[Source, ...]] = {}
    for name, value in _environment(text):
        sources = [each for each in _sources(value) if each.parameter in parameters]
        variables[name] = (*variables.get(name, ()), *sources)
    if not found or not variables:
        raise SettingsError(f"{path}: is not registrywatch's template.yaml")
    return Template(parameters, variables)


def read_parameters(given: Iterable[str], config_env: str = "default") -> dict[str, str]:
    """Parameters by name, from what is given: `Name=value`, or a file of them.

    A file is a list as `aws cloudformation deploy --parameter-overrides file://…` reads it, an
    object with or without "Parameters", or a samconfig.toml. Raises SettingsError.
    """
    parameters: dict[str, str] = {}
    for each in given:
        if re.match(r"\w+=", each):
            name, _, value = each.partition("=")
            parameters[name] = value
        else:
            parameters |= _file(Path(each), config_env)
    return parameters


def environment_of(template: Template, parameters: Mapping[str, str]) -> dict[str, str]:
    """The variables that a stack with these parameters sets; an empty parameter sets none.

    Raises SettingsError for parameters that the template does not have.
    """
    problems = []
    for name in parameters.keys() - template.parameters:
        hint = did_you_mean(name, template.parameters)
        problems.append(f"{name} is not a parameter of the template{hint}")
    if problems:
        raise SettingsError(*sorted(problems))
    return {
        name: source.form.format(parameters[source.parameter])
        for name, sources in template.variables.items()
        for source in sources
        if parameters.get(source.parameter)
    }


def _environment(text: str) -> Iterable[tuple[str, str]]:
    """Each variable with the text of its value, which may go over several lines."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _VARIABLE.match(line)
        if match is None:
            continue
        indent, name, value = match.groups()
        parts = [value]
        for further in lines[number + 1 :]:
            if not further.startswith(f"{indent} "):
                break
            parts.append(further)
        yield name, "\n".join(parts)


def _sources(value: str) -> Iterable[Source]:
    """The parameters that make up a value; none if a `!Join` makes it of several."""
    if value.lstrip().startswith("!Join"):
        return
    for match in _REFERENCE.finditer(value):
        if match["ref"]:
            yield Source(match["ref"])
        for parameter in _PLACE.findall(match["sub"] or ""):
            yield Source(parameter, match["sub"].replace(f"${{{parameter}}}", "{}"))


def _file(path: Path, config_env: str) -> dict[str, str]:
    text = _text(path)
    try:
        if path.suffix == ".toml":
            return _overrides(tomllib.loads(text), config_env)
        found = json.loads(text)
        if isinstance(found, list):
            return {each["ParameterKey"]: each["ParameterValue"] for each in found}
        found = found.get("Parameters", found)
        return {name: _string(value) for name, value in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: is not a file of template parameters: {error!r}") from error


def _overrides(config: Mapping[str, Any], config_env: str) -> dict[str, str]:
    """`parameter_overrides` of a samconfig.toml, in any of the forms that SAM reads."""
    commands = config[config_env]
    found: Any = {}
    for command in ("global", "deploy"):  # what stands for the command goes before the general
        found = commands.get(command, {}).get("parameters", {}).get("parameter_overrides", found)
    if isinstance(found, Mapping):
        return {name: _string(value) for name, value in found.items()}
    words = shlex.split(found) if isinstance(found, str) else found
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _string(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: can't be read: {reason_of(error)}") from error
