"""The settings of the destinations, and the destinations that they name.

Each kind declares its options; every kind has those of `_FOR_EVERY_KIND` too. A kind may be set
several times under names: REGISTRYWATCH_SLACK_WEBHOOK_URL is the destination `slack`,
REGISTRYWATCH_SLACK__PAYMENTS__WEBHOOK_URL is `slack/payments`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from registrywatch import readers
from registrywatch.delivery.destinations import every_kind, kinds_of
from registrywatch.delivery.destinations.kind import (
    RUNBOOK,
    Destination,
    DestinationKind,
    Option,
    SecretRef,
)
from registrywatch.errors import SettingsError
from registrywatch.globs import Globs, globs_overlap
from registrywatch.settings.of_rules import OF_RULES
from registrywatch.settings.values import Values
from registrywatch.severity import Severity
from registrywatch.variables import PREFIX, AnyVariable, Variable, optional, setting

FOLD_SECONDS = setting(
    f"{PREFIX}FOLD_SECONDS",
    "destinations",
    "how long related alerts are gathered after the first, 0 to 900; 0 sends each alone",
    readers.whole_number(0, 900),
    "900",
)

RUNBOOK_URL = optional(
    f"{PREFIX}{RUNBOOK}",
    "destinations",
    "the address of your runbook: messages link to its section of the rule, ADDRESS#RULE; "
    "docs/rules.md, published where your people can read it, is one",
    readers.page,
)

GIVE_UP_HOURS = setting(
    f"{PREFIX}GIVE_UP_HOURS",
    "destinations",
    "for how many hours an alert is retried at a destination that does not accept it, 1 to 168; "
    "then it goes to the dead-letter queue",
    readers.whole_number(1, 168),
    "6",
)

_NAME = r"[A-Z0-9]+(?:_[A-Z0-9]+)*"


class Place(msgspec.Struct, frozen=True):
    """A destination that may be set: its variables by the suffix of each."""

    kind: DestinationKind
    name: str
    variables: Mapping[str, AnyVariable]

    @property
    def first(self) -> AnyVariable:
        """The variable that sets the destination."""
        return self.variables[self.kind.options[0].suffix]


def _for_every_kind(kind: DestinationKind) -> tuple[Option, ...]:
    return (
        Option(
            suffix="MIN_SEVERITY",
            meaning=f"the lowest severity that goes to {kind.label}",
            read=readers.severity,
            default=kind.min_severity.value,
        ),
        Option(
            suffix="FOLD_SECONDS",
            meaning=f"the same as {FOLD_SECONDS.name}, for {kind.label} alone",
            read=readers.whole_number(0, 900),
        ),
        Option(
            suffix="RULES",
            meaning=f"globs on the rules whose alerts go to {kind.label}; by default all",
            read=_rules,
            default="",
        ),
        Option(
            suffix="ACCOUNTS",
            meaning="globs on the accounts or subscriptions whose alerts go to "
            f"{kind.label}; by default all",
            read=readers.globs,
            default="",
        ),
        Option(
            suffix="REPOSITORIES",
            meaning=f"globs on the repositories whose alerts go to {kind.label}; by default all. "
            "An alert about several repositories goes there too",
            read=readers.globs,
            default="",
        ),
    )


def _rules(text: str) -> Globs:
    """Globs on rules. One that names no rule is an error: its alerts would go nowhere."""
    found = readers.globs(text)
    for glob in found.patterns:
        if not any(globs_overlap(glob, name) for name in OF_RULES):
            raise ValueError(f"names of rules or globs on them; {glob} names none")
    return found


def _place(kind: DestinationKind, named: str = "") -> Place:
    stem = f"{PREFIX}{kind.stem}__{named}__" if named else f"{PREFIX}{kind.stem}_"
    variables: dict[str, AnyVariable] = {}
    for option in (*kind.options, *_for_every_kind(kind)):
        older = f"{stem}{kind.options[0].suffix}_MIN_SEVERITY"
        variables[option.suffix] = Variable(
            name=stem + option.suffix,
            part="destinations",
            meaning=option.meaning,
            read=option.read,
            default=option.default,
            secret=option.secret,
            also=older if option.suffix == "MIN_SEVERITY" and not named else None,
        )
    name = f"{kind.name}/{named.lower().replace('_', '-')}" if named else kind.name
    return Place(kind, name, variables)


def every_place() -> tuple[Place, ...]:
    """One for each kind of destination, without a name of its own."""
    return tuple(_place(kind) for kind in every_kind())


def places_of(names: Iterable[str]) -> tuple[Place, ...]:
    """The destinations that variables of these names may set, those with names of their own last.

    Kinds that no variable names are left out, so that a cold start does not load them.
    """
    given = [name.removeprefix(PREFIX) for name in names]
    kinds = kinds_of(given)
    named = {}
    for variable in given:
        stem, _, rest = variable.partition("__")
        own, _, _ = rest.partition("__")
        kind = next((kind for kind in kinds if kind.stem == stem), None)
        if kind and re.fullmatch(_NAME, own):
            named[kind.name, own] = _place(kind, own)
    return (*(_place(kind) for kind in kinds), *named.values())


def variables_of(places: Iterable[Place]) -> tuple[AnyVariable, ...]:
    """The variables of those destinations, and those that all destinations share."""
    return (
        *(variable for place in places for variable in place.variables.values()),
        cast("AnyVariable", FOLD_SECONDS),
        cast("AnyVariable", GIVE_UP_HOURS),
        cast("AnyVariable", RUNBOOK_URL),
    )


def destinations(
    places: Iterable[Place], values: Values, problems: list[str]
) -> tuple[Destination, ...]:
    """One for each place that is set; no secret is looked up for it.

    Adds a sentence to `problems` for each setting of a destination that is not set itself.
    """
    return tuple(_set(places, values, problems))


def give_up_seconds(values: Values) -> float:
    """How long an alert is on its way to a destination before it is a dead letter."""
    return values[GIVE_UP_HOURS] * 3600.0


def at_least_one(found: tuple[Destination, ...]) -> tuple[Destination, ...]:
    """The destinations. Raises SettingsError if there is none: alerts must not vanish."""
    if not found:
        names = ", ".join(place.first.name for place in every_place())
        raise SettingsError(f"no destination is set: alerts would vanish; set one of {names}")
    return found


def _set(places: Iterable[Place], values: Values, problems: list[str]) -> Iterator[Destination]:
    for place in places:
        if values[place.first] is None:
            problems += _useless(place, values)
            continue
        problems += _missing(place, values)
        own = {
            option.suffix: SecretRef(str(value)) if option.secret else str(value)
            for option in place.kind.options
            if (value := values[place.variables[option.suffix]]) is not None
        }
        if runbook := values[RUNBOOK_URL]:
            own[RUNBOOK] = runbook
        fold = values[place.variables["FOLD_SECONDS"]]
        if fold is None:
            fold = 0 if place.kind.for_machines(own) else values[FOLD_SECONDS]
        yield Destination(
            kind=place.kind,
            name=place.name,
            options=own,
            min_severity=cast("Severity", values[place.variables["MIN_SEVERITY"]]),
            fold_seconds=cast("int", fold),
            rules=cast("Globs", values[place.variables["RULES"]]),
            accounts=cast("Globs", values[place.variables["ACCOUNTS"]]),
            repositories=cast("Globs", values[place.variables["REPOSITORIES"]]),
        )


def _missing(place: Place, values: Values) -> Iterator[str]:
    """What a destination that is set can't do without."""
    for option in place.kind.options:
        variable = place.variables[option.suffix]
        if option.required and values[variable] is None:
            yield f"{variable.name} is not set; {place.first.name} needs it"


def _useless(place: Place, values: Values) -> Iterator[str]:
    """What was set of a destination that is not set; of the plain ones, their own options only."""
    own = {option.suffix for option in place.kind.options}
    for suffix, variable in place.variables.items():
        text = values.given.get(variable.name)
        if text is None:
            continue
        if "/" in place.name or (suffix in own and text != variable.default):
            yield f"{variable.name} is set, but {place.first.name} is not: nothing would read it"
