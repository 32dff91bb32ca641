"""How often rules fired, for whom and where, and what an ignore setting would have silenced."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from registrywatch.alerts import Alert
from registrywatch.globs import Globs
from registrywatch.settings.of_rules import OF_RULES
from registrywatch.severity import Severity

MOST = 5  # the most actors, and the most repositories, that are listed for a rule


class Firing(msgspec.Struct, frozen=True):
    """The parts of an alert that ignore settings read, and its severity."""

    rule: str
    actor: str | None
    repository: str | None
    severity: Severity


class Share(msgspec.Struct, frozen=True):
    """A repository or an actor, and its number of alerts. None: several, or none is named."""

    name: str | None
    alerts: int


class Silence(msgspec.Struct, frozen=True):
    """A setting, and the alerts that it would have silenced.

    `others` are the repositories of an actor's alerts, or the actors of a repository's alerts.
    """

    setting: str
    value: str
    alerts: int
    severities: dict[str, int]
    others: list[Share]


class Fired(msgspec.Struct, frozen=True):
    """How often a rule fired, by severity; its most frequent actors and repositories."""

    rule: str
    alerts: int
    severities: dict[str, int]
    actors: list[Silence]
    repositories: list[Silence]


class Firings:
    """Collects the alerts that fired."""

    def __init__(self) -> None:
        self._counts: Counter[Firing] = Counter()

    def add(self, alert: Alert) -> None:
        """Add an alert."""
        self._counts[Firing(alert.rule, alert.actor.id, alert.repository, alert.severity)] += 1

    def number(self, rule: str) -> int:
        """How often a rule fired."""
        return sum(number for firing, number in self._counts.items() if firing.rule == rule)

    def rules(self) -> list[str]:
        """The rules that fired, the most frequent first."""
        names = {firing.rule for firing in self._counts}
        return sorted(names, key=lambda name: (-self.number(name), name))

    def of(self, rule: str) -> Fired:
        """The summary of one rule."""
        mine = {each: number for each, number in self._counts.items() if each.rule == rule}
        of_rule = OF_RULES[rule]
        return Fired(
            rule,
            sum(mine.values()),
            _severities(mine.items()),
            [*_silences(mine, of_rule.ignore_actors.name, _actor, _repository)],
            [*_silences(mine, of_rule.ignore_repositories.name, _repository, _actor)],
        )


def _silences(
    firings: dict[Firing, int],
    setting: str,
    by: Callable[[Firing], str | None],
    other: Callable[[Firing], str | None],
) -> Iterator[Silence]:
    """For each of the most frequent values, what ignoring it would have silenced."""
    totals: Counter[str] = Counter()
    for firing, number in firings.items():
        if (value := by(firing)) is not None and "," not in value:  # a setting splits at commas
            totals[value] += number
    for value, _ in totals.most_common(MOST):
        ignored = Globs((value,))
        silenced = [each for each in firings.items() if by(each[0]) in ignored]
        others: Counter[str | None] = Counter()
        for firing, number in silenced:
            others[other(firing)] += number
        yield Silence(
            setting,
            value,
            sum(number for _, number in silenced),
            _severities(silenced),
            [Share(name, number) for name, number in others.most_common(20)],
        )


def _severities(firings: Iterable[tuple[Firing, int]]) -> dict[str, int]:
    counts: Counter[Severity] = Counter()
    for firing, number in firings:
        counts[firing.severity] += number
    return {severity.value: counts[severity] for severity in sorted(counts, reverse=True)}


def _actor(firing: Firing) -> str | None:
    return firing.actor


def _repository(firing: Firing) -> str | None:
    return firing.repository
