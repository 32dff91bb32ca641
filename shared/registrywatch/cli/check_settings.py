"""`registrywatch check-settings`: whether a deployment would start with these settings."""

import argparse
import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from registrywatch.cli import COMMANDS, Commands
from registrywatch.errors import SettingsError, reason_of
from registrywatch.rules.wording import number_of
from registrywatch.settings import Settings, config_file, parse
from registrywatch.settings.stack_limits import refused
from registrywatch.settings.stack_parameters import (
    Template,
    environment_of,
    read_parameters,
    read_template,
)
from registrywatch.variables import PREFIX


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check-settings",
        help=COMMANDS["check-settings"],
        description=(
            "Reads settings as a deployment would and lists everything that is wrong with them. "
            "Without arguments it checks the variables of the environment."
        ),
        examples=[
            ("check-settings", "checks the environment"),
            ("check-settings settings.json", "checks what REGISTRYWATCH_CONFIG would point to"),
            ("check-settings local.settings.json", "checks the settings of an Azure function app"),
            (
                "check-settings --template-parameters samconfig.toml",
                "checks what `sam deploy` would set, by template.yaml in this folder",
            ),
            (
                "check-settings --template-parameters parameters.json PullThreshold=200",
                "checks a CloudFormation parameter file and an override",
            ),
        ],
        statuses={0: "all settings can be used"},
    )
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="a JSON object of settings, an Azure local.settings.json, or lines of NAME=value",
    )
    parser.add_argument(
        "--template-parameters",
        nargs="+",
        metavar="PARAM",
        help="parameters of template.yaml: Name=value, CloudFormation's files, or a samconfig.toml",
    )
    parser.add_argument(
        "--template",
        type=Path,
        default=Path("template.yaml"),
        metavar="FILE",
        help="the template that the parameters are for (default: template.yaml)",
    )
    parser.add_argument(
        "--config-env",
        default="default",
        metavar="NAME",
        help="the environment in samconfig.toml (default: default)",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Check; return the exit status. Raises SettingsError with all that is wrong."""
    if arguments.file and arguments.template_parameters:
        arguments.parser.error("give a FILE or --template-parameters, not both")
    if arguments.template_parameters:
        template = read_template(arguments.template)
        parameters = read_parameters(arguments.template_parameters, arguments.config_env)
        settings = _of_a_stack(template, parameters)
    elif arguments.file:
        settings = parse(_settings_in(Path(arguments.file)))
    else:
        settings = parse(os.environ)
    given = number_of(len(settings.values.given), "setting")
    print(f"{given} can be used. {_destinations(settings)}")
    if arguments.template_parameters and not settings.destinations:
        raise SettingsError("a deployment needs at least one destination")
    return 0


def _of_a_stack(template: Template, parameters: Mapping[str, str]) -> Settings:
    """The settings of a stack. Raises SettingsError, which reports each parameter once."""
    environ = environment_of(template, parameters)
    problems = refused(template.parameters, parameters)
    try:
        settings = parse(environ)
    except SettingsError as error:
        for variable in (problem.partition(":")[0] for problem in error.problems):
            for source in template.variables.get(variable, ()):
                problems.pop(source.parameter, None)
        raise SettingsError(*problems.values(), *error.problems) from error
    if problems:
        raise SettingsError(*problems.values())
    return settings


def _destinations(settings: Settings) -> str:
    if not settings.destinations:
        return "No destination is set."
    names = (f"{to.name} (from {to.min_severity.value})" for to in settings.destinations)
    return f"Alerts go to {', '.join(names)}."


def _settings_in(path: Path) -> Mapping[str, str]:
    """The variables in a file."""
    try:
        text = path.read_text("utf-8-sig")
        if not text.lstrip().startswith("{"):
            return _lines(text)
        values = json.loads(text).get("Values")
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: can't be read: {reason_of(error)}") from error
    if isinstance(values, dict):  # local.settings.json, which holds others' settings too
        return {name: str(value) for name, value in values.items() if name.startswith(PREFIX)}
    return config_file.load(str(path), config_file.stored)


def _lines(text: str) -> dict[str, str]:
    """`NAME=value` lines, as shells and Docker read them; comments and `export` are skipped."""
    variables = {}
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        for word in words[1:] if words[:1] == ["export"] else words:
            name, found, value = word.partition("=")
            if not found:
                raise ValueError(f"{word!a} is not NAME=value")
            variables[name] = value
    return variables
