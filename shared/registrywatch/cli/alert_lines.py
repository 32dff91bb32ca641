"""An alert as a person reads it in a terminal or a file: severity, what, who, where, why.

What can't be seen is made visible (see alerts/text.py): nothing that an event says reaches a
terminal as anything but text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.style import style_of
from registrywatch.alerts.text import shown
from registrywatch.cli.screen import Screen, columns, wrapped
from registrywatch.severity import Severity
from registrywatch.times import clock

LONGEST = 400  # characters of one value; all of it is in `--json`
_LABELS = 7  # columns of the labels' column

Counts = Mapping[tuple[str, Severity], int]


def alert_lines(alert: Alert, screen: Screen) -> Iterator[str]:
    """The alert, line by line, with an empty line at its end."""
    for line in _head(alert, screen):
        yield line if screen.colours else line.rstrip()  # a badge brings blanks
    yield from wrapped(shown(alert.summary, LONGEST), screen.width, 2)
    for label, value in _rows(alert):
        first, *more = wrapped(shown(value, LONGEST), screen.width, 2 + _LABELS)
        yield f"  {label:<{_LABELS}}{first[2 + _LABELS :]}".rstrip()
        yield from more
    yield ""


def _head(alert: Alert, screen: Screen) -> Iterator[str]:
    style = style_of(alert)
    badge, title = f" {style.word.upper()} ", f" {alert.title}"
    time = shown(clock(alert.time), LONGEST)
    width = columns(badge) + columns(title)
    start = screen.badge(badge, style.colour)
    if screen.width is None or width + 2 + columns(time) <= screen.width:
        yield f"{start}{screen.bold(title)}  {time}"
    elif width <= screen.width:
        yield start + screen.bold(title)
        yield from wrapped(time, screen.width, 2)
    else:
        yield start
        for line in wrapped(alert.title, screen.width, 2):
            yield screen.bold(line)
        yield from wrapped(time, screen.width, 2)


def _rows(alert: Alert) -> Iterator[tuple[str, str]]:
    """Label and value; a label stands once, beside the first of its values."""
    for number, reason in enumerate(alert.reasons):
        yield "" if number else "why", reason
    actor = alert.actor
    if who := actor.id or actor.name:
        yield "who", f"{who} from {actor.ip}" if actor.ip else who
    if alert.registry:
        whole = f"{alert.registry}/{alert.repository}" if alert.repository else alert.registry
        yield "where", whole
    yield "rule", alert.rule
    if alert.events:
        more = f" and {len(alert.events) - 1} more" if len(alert.events) > 1 else ""
        yield "event", f"{alert.events[0]}{more}"
    if alert.silence:
        yield "mute", alert.silence


def count_lines(counts: Counts, screen: Screen) -> Iterator[str]:
    """How many alerts each rule raised, by severity; the worst first."""
    rules = _by_rule(counts)
    if not rules:
        return
    name = max(4, *map(len, rules))
    if screen.width is not None and name + 2 + 6 + 2 + 20 > screen.width:  # too narrow for a table
        for rule, numbers in rules.items():
            yield from wrapped(rule, screen.width)
            yield from wrapped(_grades(numbers), screen.width, 2)
        return
    yield f"{'rule':<{name}}  alerts  by severity"
    for rule, numbers in rules.items():
        start = f"{rule:<{name}}  {sum(numbers.values()):<6,}  "
        first, *more = wrapped(_grades(numbers), screen.width, len(start))
        yield start + first[len(start) :]
        yield from more


def _by_rule(counts: Counts) -> dict[str, dict[Severity, int]]:
    rules: dict[str, dict[Severity, int]] = defaultdict(dict)
    for (rule, severity), number in counts.items():
        rules[rule][severity] = number
    order = sorted(rules, key=lambda rule: (-max(each.rank for each in rules[rule]), rule))
    return {rule: rules[rule] for rule in order}


def _grades(numbers: Mapping[Severity, int]) -> str:
    return ", ".join(f"{numbers[each]:,} {each.value}" for each in sorted(numbers, reverse=True))


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
