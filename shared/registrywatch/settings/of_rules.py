"""The settings of the rules: the same few for each, and more for those that count."""

from collections.abc import Iterator, Mapping

import msgspec

from registrywatch import readers
from registrywatch.globs import Globs
from registrywatch.readers import GroupField
from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.rules.rule import CountBy, Counting
from registrywatch.rules.tuning import CountTuning, Tuning
from registrywatch.settings import general
from registrywatch.settings.values import Values, problem
from registrywatch.severity import Severity
from registrywatch.variables import PREFIX, AnyVariable, Variable, optional, setting

MOST = 8_000
"""The highest threshold: a step of more sightings than it takes fits no window store (facts of the
stores: docs/windows.md)."""

_SIGHTINGS: Mapping[CountBy, str] = {
    "images": "`images`, each distinct one once",
    "repositories": "`repositories`, each distinct one once",
    "calls": "`calls`, each call once",
}


class CountVariables(msgspec.Struct, frozen=True):
    """The further variables of a counted rule; `count` is None where there is only one way."""

    threshold: Variable[int]
    count: Variable[CountBy] | None
    window_seconds: Variable[int]
    quiet_seconds: Variable[int]
    group_by: Variable[tuple[GroupField, ...]]


class RuleVariables(msgspec.Struct, frozen=True):
    """The variables of one rule; `counting` is None for rules that do not count."""

    enabled: Variable[bool]
    severity: Variable[Severity | None]
    ignore_actors: Variable[Globs]
    ignore_repositories: Variable[Globs]
    counting: CountVariables | None

    def __iter__(self) -> Iterator[AnyVariable]:
        yield from (self.enabled, self.severity, self.ignore_actors, self.ignore_repositories)
        if self.counting is not None:
            yield from filter(None, msgspec.structs.astuple(self.counting))


def stem(rule: AnyRule) -> str:
    """How the names of a rule's settings begin."""
    return f"{PREFIX}{rule.stem}_"


def rule_variables(rule: AnyRule) -> tuple[AnyVariable, ...]:
    """The settings of one rule, in the order of the docs."""
    return tuple(OF_RULES[rule.name])


def tunings(values: Values, problems: list[str]) -> dict[str, Tuning]:
    """Each rule's tuning, by the rule's name. Adds a sentence to `problems` for each mistake."""
    return {rule.name: _tuning(rule, values, problems) for rule in CATALOGUE}


def _variables(rule: AnyRule) -> RuleVariables:
    start = stem(rule)
    return RuleVariables(
        enabled=setting(
            f"{start}ENABLED", "rules", "whether the rule is applied", readers.boolean, "true"
        ),
        severity=optional(
            f"{start}SEVERITY",
            "rules",
            "a fixed severity; without it the event decides",
            readers.severity,
        ),
        ignore_actors=setting(
            f"{start}IGNORE_ACTORS",
            "rules",
            "globs on whole actor ids the rule ignores, in addition to the general ones",
            readers.actors,
            "",
        ),
        ignore_repositories=setting(
            f"{start}IGNORE_REPOSITORIES",
            "rules",
            "globs on whole repository names the rule ignores, in addition to the general ones",
            readers.globs,
            "",
        ),
        counting=_count_variables(start, rule.counting) if rule.counting else None,
    )


def _count_variables(start: str, counting: Counting) -> CountVariables:
    window = f"{start}WINDOW_SECONDS"
    return CountVariables(
        threshold=setting(
            f"{start}THRESHOLD",
            "rules",
            f"how many sightings in a window raise the alert, 1 to {MOST:,}",
            readers.whole_number(1, MOST),
            str(counting.threshold),
        ),
        count=setting(
            f"{start}COUNT",
            "rules",
            f"what a sighting is: {', or '.join(_SIGHTINGS[each] for each in counting.counts)}",
            readers.one_of(*counting.counts),
            counting.counts[0],
        )
        if len(counting.counts) > 1
        else None,
        window_seconds=setting(
            window,
            "rules",
            "the length of the sliding window, 12 to 86,400",
            readers.whole_number(12, 86_400),
            str(counting.window_seconds),
        ),
        quiet_seconds=setting(
            f"{start}QUIET_SECONDS",
            "rules",
            "how long a group is quiet before and after an alert; not less than the window",
            readers.whole_number(12, 10 * 86_400),
            same_as=window,
        ),
        group_by=setting(
            f"{start}GROUP_BY",
            "rules",
            "what is counted separately: any of actor, repository, registry, account, ip; always "
            "within one registry, unless `account` is among them",
            readers.group_fields,
            ",".join(counting.group_by),
        ),
    )


def _tuning(rule: AnyRule, values: Values, problems: list[str]) -> Tuning:
    of_rule = OF_RULES[rule.name]
    counting = None
    if rule.counting and of_rule.counting:
        counting = _count_tuning(rule.counting.counts, of_rule.counting, values, problems)
    return Tuning(
        enabled=values[of_rule.enabled],
        severity=values[of_rule.severity],
        ignore_actors=values[general.IGNORE_ACTORS] + values[of_rule.ignore_actors],
        ignore_repositories=values[general.IGNORE_REPOSITORIES]
        + values[of_rule.ignore_repositories],
        counting=counting,
    )


def _count_tuning(
    counts: tuple[CountBy, ...], of_rule: CountVariables, values: Values, problems: list[str]
) -> CountTuning:
    tuning = CountTuning(
        threshold=values[of_rule.threshold],
        count=values[of_rule.count] if of_rule.count else counts[0],
        window_seconds=values[of_rule.window_seconds],
        quiet_seconds=values[of_rule.quiet_seconds],
        group_by=values[of_rule.group_by],
    )
    if tuning.quiet_seconds < tuning.window_seconds:
        problems.append(
            problem(
                of_rule.quiet_seconds,
                str(tuning.quiet_seconds),
                "it must not be less than the window, "
                f"{of_rule.window_seconds.name}={tuning.window_seconds}",
            )
        )
    return tuning


OF_RULES: Mapping[str, RuleVariables] = {rule.name: _variables(rule) for rule in CATALOGUE}
