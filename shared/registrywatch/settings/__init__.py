"""Settings: the environment, parsed once into frozen values."""

from collections.abc import Callable, Mapping

import msgspec

from registrywatch.delivery.destinations import Destination
from registrywatch.errors import SettingsError
from registrywatch.rules.rule import Trust
from registrywatch.rules.tuning import Tuning
from registrywatch.settings import config_file, deployment, general, of_rules, values
from registrywatch.settings.deployment import AwsSettings, AzureSettings
from registrywatch.settings.destinations import (
    destinations,
    give_up_seconds,
    places_of,
    variables_of,
)
from registrywatch.settings.values import Values
from registrywatch.settings.variables import CONFIG, DEPLOYMENT, every_variable, table
from registrywatch.variables import PREFIX, AnyVariable

__all__ = [
    "AwsSettings",
    "AzureSettings",
    "DeliverySettings",
    "Settings",
    "parse",
    "parse_delivery",
]


class Settings(msgspec.Struct, frozen=True):
    """What the user has set, and the defaults of the rest.

    `tunings` holds each rule's by its name. `values` holds every variable's text, secrets included,
    and is for showing: what the program needs is in the other attributes.
    """

    tunings: Mapping[str, Tuning]
    trust: Trust
    destinations: tuple[Destination, ...]
    give_up_seconds: float
    aws: AwsSettings
    azure: AzureSettings
    learning_days: int
    memory_days: int
    heartbeat_url: str | None
    version: str
    values: Values

    def shown(self, variable: AnyVariable) -> str:
        """The variable's present value as text, for people; never a secret."""
        return self.values.shown(variable)


def parse(environ: Mapping[str, str], fetch: Callable[[str], str] = config_file.stored) -> Settings:
    """Parse all variables that begin with REGISTRYWATCH_, and ignore all others.

    `fetch` gets the value of `ssm:NAME`. Raises SettingsError, with all that is wrong at once.
    """
    given = _given(environ, fetch)
    places = places_of(given)
    problems: list[str] = []
    found = values.read(given, table(places), problems, every_variable)
    if problems:
        raise SettingsError(*problems)
    tunings = of_rules.tunings(found, problems)
    to = destinations(places, found, problems)
    if problems:
        raise SettingsError(*problems)
    return Settings(
        tunings=tunings,
        trust=general.trust(found),
        destinations=to,
        give_up_seconds=give_up_seconds(found),
        aws=deployment.aws(found),
        azure=deployment.azure(found),
        learning_days=found[general.LEARNING_DAYS],
        memory_days=found[general.MEMORY_DAYS],
        heartbeat_url=found[deployment.HEARTBEAT_URL],
        version=found[deployment.VERSION],
        values=found,
    )


class DeliverySettings(msgspec.Struct, frozen=True):
    """What delivery needs of the settings."""

    destinations: tuple[Destination, ...]
    give_up_seconds: float
    aws: AwsSettings


def parse_delivery(
    environ: Mapping[str, str], fetch: Callable[[str], str] = config_file.stored
) -> DeliverySettings:
    """Parse the settings of destinations and deployment, and no others.

    Alerts must not wait for a mistake in a rule's setting: what detects refuses to start with it.
    Raises SettingsError.
    """
    given = _given(environ, fetch)
    places = places_of(given)
    needed = (*variables_of(places), *DEPLOYMENT)
    names = {name for each in needed for name in (each.name, each.also)}
    problems: list[str] = []
    found = values.read(
        {name: text for name, text in given.items() if name in names}, needed, problems
    )
    to = () if problems else destinations(places, found, problems)
    if problems:
        raise SettingsError(*problems)
    return DeliverySettings(to, give_up_seconds(found), deployment.aws(found))


def _given(environ: Mapping[str, str], fetch: Callable[[str], str]) -> dict[str, str]:
    """The variables of the environment; it wins over those of the configuration's object."""
    given = {name: text for name, text in environ.items() if name.startswith(PREFIX)}
    if CONFIG in given:
        given = {**config_file.load(given[CONFIG], fetch), **given}
    return given
