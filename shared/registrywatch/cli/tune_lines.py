"""What `tune` found, as a person reads it in a terminal or a file."""

from collections.abc import Iterator

from registrywatch.alerts.text import shown
from registrywatch.cli.alert_lines import joined
from registrywatch.cli.screen import Screen, wrapped
from registrywatch.rules.wording import number_of
from registrywatch.times import rfc3339
from registrywatch.tuning.exact import WEEK
from registrywatch.tuning.fired import Fired, Silence
from registrywatch.tuning.observed import Where
from registrywatch.tuning.proposal import Candidate, Proposal
from registrywatch.tuning.report import Report

_LONGEST = 300


def report_lines(report: Report, screen: Screen) -> Iterator[str]:
    """All of it, line by line."""
    yield from wrapped(_period(report), screen.width)
    if report.first is not None and (report.last or 0.0) - report.first < WEEK:
        yield from wrapped("That is less than a week: a whole one may show more.", screen.width)
    for each in report.counted:
        yield ""
        yield from _counted(each, report.alerts_per_week, screen)
    for rule in report.fired:
        yield ""
        yield from _fired(rule, screen)
    if not report.counted and not report.fired:
        yield from wrapped("No rule would have fired, and no rule counted anything.", screen.width)


def _period(report: Report) -> str:
    events = number_of(report.records, "event")
    if report.first is None or report.last is None:
        return f"{events}; none that a rule reads."
    first, last = (rfc3339(float(int(at))) for at in (report.first, report.last))
    return f"{events}; those that rules read are from {first} to {last}."


def _counted(found: Proposal, per_week: int, screen: Screen) -> Iterator[str]:
    yield screen.bold(found.rule)
    rows = [("fires", shown(found.fires, _LONGEST)), ("now", _effect(found.now))]
    if found.proposed is not None and found.setting is not None:
        rows.append(("quiet", _effect(found.proposed)))
        rows.append(("set", f"{found.setting}={found.proposed.threshold}"))
    elif found.setting is not None:
        rows.append(("quiet", f"no threshold up to 8,000 fires at most {per_week} times a week"))
    for number, busy in enumerate(found.groups):
        fired = f", would have fired {number_of(busy.alerts, 'time')}" if busy.alerts else ""
        label = "" if number else "most"
        rows.append((label, f"{busy.most:,} in a window{fired}: {_where(busy.where)}"))
    yield from _rows(rows, screen)
    yield from _table(found.candidates)


def _table(candidates: list[Candidate]) -> Iterator[str]:
    """Thresholds beside what they would have raised; fits 40 columns."""
    heads = ("at", "alerts", "groups", "a week")
    cells = [(each.threshold, each.alerts, each.groups, each.most_in_a_week) for each in candidates]
    label = "others"
    for row in (heads, *([f"{cell:,}" for cell in cells_of] for cells_of in cells)):
        yield f"  {label:<8}" + "  ".join(f"{cell:>6}" for cell in row)
        label = ""


def _effect(each: Candidate) -> str:
    times = number_of(each.alerts, "time")
    if not each.alerts:
        return f"at {each.threshold:,} it would not have fired"
    groups = number_of(each.groups, "group")
    return (
        f"at {each.threshold:,} it would have fired {times} for {groups}, "
        f"at most {each.most_in_a_week:,} a week"
    )


def _where(where: Where) -> str:
    actor = where.actor or "an actor that is not recorded"
    registry = where.registry or where.account
    place = ", ".join(filter(None, (where.repository, registry, where.region)))
    return shown(f"{actor} ({place})", _LONGEST)


def _fired(rule: Fired, screen: Screen) -> Iterator[str]:
    yield screen.bold(rule.rule)
    rows = [("now", f"it would have fired {number_of(rule.alerts, 'time')}: {_grades(rule)}")]
    rows += [_silence(each, "actor", "repositories") for each in rule.actors]
    rows += [_silence(each, "repository", "actors") for each in rule.repositories]
    yield from _rows(rows, screen)


def _grades(of: Fired | Silence) -> str:
    return joined(f"{number:,} {severity}" for severity, number in of.severities.items())


def _silence(silence: Silence, label: str, others: str) -> tuple[str, str]:
    names = [
        f"{shown(each.name, 80) if each.name is not None else 'not recorded'} ({each.alerts:,})"
        for each in silence.others
    ]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    value = shown(silence.value, _LONGEST)
    return (
        label[:5],
        f"{silence.setting}={value} would have silenced {number_of(silence.alerts, 'alert')}: "
        f"{_grades(silence)}; {others}: {', '.join(names[:5])}{more}",
    )


def _rows(rows: list[tuple[str, str]], screen: Screen) -> Iterator[str]:
    for label, text in rows:
        first, *more = wrapped(text, screen.width, 10)
        yield f"  {label:<8}{first[10:]}"
        yield from more
