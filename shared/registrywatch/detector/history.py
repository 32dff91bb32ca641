"""Which numbers a count had at which time; workers share this history in one row of a table.

A worker whose settings count differently from the recorded ones announces its own. They apply from
an instant of event time that is far enough ahead that every worker knows of it by then, and that
the new groups hold a whole window (`registrywatch.windows.changeover`). Only changes that make a
group another group have to wait: of the window, of what is counted, of the grouping. A threshold
and a quiet period apply at once.
"""

import math
from collections.abc import Callable, Mapping

import msgspec

from registrywatch.digests import blake2b
from registrywatch.errors import StoreError
from registrywatch.rows import Row, Rows, contended, write
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Counting
from registrywatch.rules.tuning import CountTuning

KIND = "settings"
"""The kind of the row, in a table of several kinds."""

REFRESH_SECONDS = 240
"""How long a worker uses what it has read."""

LONGEST_BATCH_SECONDS = 600
"""The longest that a batch may take: no function runs for longer (host.json, template.yaml)."""

HEARD_SECONDS = REFRESH_SECONDS + LONGEST_BATCH_SECONDS + 60
"""How long after an announcement every worker knows of it; 60 allow for clocks that differ."""

ROLLOUT_SECONDS = 3600
"""For this long after an announcement, a worker with the previous settings is taken for an old one
that is being replaced. After that, the settings have been changed back."""

_NAME = "counting"
_ATTEMPTS = 10
_MOST_ERAS = 6
_MOST_VERSIONS = 8


class Era(msgspec.Struct, frozen=True):
    """Numbers of a count, and `since` which event time they apply; 0: from the beginning.

    `announced` is the time by the announcing worker's clock. `versions` identifies the settings
    that asked for these numbers.
    """

    numbers: CountTuning
    since: int
    announced: float
    versions: tuple[str, ...]

    @property
    def near(self) -> float:
        """How far from an alert of these settings no other may follow, in seconds."""
        return self.numbers.quiet_seconds + self.numbers.window_seconds / 6


Eras = tuple[Era, ...]
Histories = Mapping[str, Eras]
"""By the name of a count."""


def with_mine(eras: Eras, mine: CountTuning, version: str, now: float) -> Eras:
    """The history after a worker with these numbers and this version has read it."""
    if not eras:
        return (Era(mine, 0, now, (version,)),)
    *before, latest = eras
    if version in latest.versions:
        return eras
    if any(version in era.versions for era in before) and now < latest.announced + ROLLOUT_SECONDS:
        return eras
    if same_groups(mine, latest.numbers):
        versions = (*latest.versions, version)[-_MOST_VERSIONS:]
        return (*before, Era(mine, latest.since, latest.announced, versions))
    new = Era(mine, 0, now, (version,))
    full = mine.window_seconds * 7 / 6
    since = now + HEARD_SECONDS + full
    if latest.since:
        since = max(since, latest.since + max(latest.near, new.near) + full)
    new = msgspec.structs.replace(new, since=math.ceil(since))
    return (*eras, new)[-_MOST_ERAS:]


def still_held(eras: Eras, now: float, retention_seconds: int) -> Eras:
    """The eras to which an event that is delivered now may still belong."""
    ends = [*(era.since for era in eras[1:]), math.inf]
    return tuple(era for era, end in zip(eras, ends, strict=True) if end + retention_seconds >= now)


class LiveChanges:
    """What a worker knows of changes of settings; may be shared by threads.

    `version` is the deployment's own name for its settings: with another version, settings that
    applied before count as new.
    """

    def __init__(
        self, rows: Rows, clock: Callable[[], float], retention_seconds: int, version: str = ""
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._retention_seconds = retention_seconds
        self._version = version
        self._known: Histories = {}
        self._until = -math.inf

    def histories(self, mine: Mapping[str, CountTuning]) -> Histories:
        """The history of each count; always the same object while nothing has changed.

        Reads the history, and announces `mine`, if REFRESH_SECONDS have passed. Raises StoreError.
        """
        now = self._clock()
        if now < self._until:
            return self._known
        found = self._announced(mine, now)
        held = {name: still_held(found[name], now, self._retention_seconds) for name in mine}
        if held != self._known:
            self._known = held
        self._until = now + REFRESH_SECONDS
        return self._known

    def _announced(self, mine: Mapping[str, CountTuning], now: float) -> Histories:
        for _ in range(_ATTEMPTS):
            row = self._rows.get(_NAME)
            held = _histories(row)
            wanted = {
                **held,
                **{
                    name: with_mine(held.get(name, ()), numbers, self._version_of(numbers), now)
                    for name, numbers in mine.items()
                },
            }
            if wanted == held or self._write(row, wanted):
                return wanted
        raise contended("settings", _ATTEMPTS)

    def _version_of(self, numbers: CountTuning) -> str:
        text = f"{self._version} ".encode() + msgspec.json.encode(numbers)
        return blake2b(text, digest_size=6).hexdigest()

    def _write(self, row: Row | None, histories: Histories) -> bool:
        values = {"eras": msgspec.json.encode(histories).decode()}
        return write(self._rows, _NAME, values, row)


def count_name(rule: AnyRule, number: int) -> str:
    """The name of a rule's count, by its number."""
    return f"{rule.name}#{number}" if number else rule.name


def defaults_of(counting: Counting) -> CountTuning:
    """The numbers of a count that no setting tunes."""
    return CountTuning(
        threshold=counting.threshold,
        count=counting.counts[0],
        window_seconds=counting.window_seconds,
        quiet_seconds=counting.window_seconds,
        group_by=counting.group_by,
    )


def same_groups(one: CountTuning, other: CountTuning) -> bool:
    """Whether the groups of one are the groups of the other."""
    return (one.window_seconds, one.count, one.group_by) == (
        other.window_seconds,
        other.count,
        other.group_by,
    )


def _histories(row: Row | None) -> Histories:
    if row is None:
        return {}
    try:
        return msgspec.json.decode(row.values["eras"], type=dict[str, Eras])
    except (KeyError, msgspec.MsgspecError) as error:
        raise StoreError(f"settings: the row {_NAME!r} can't be read: {error}") from error
