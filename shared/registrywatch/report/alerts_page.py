"""`replay --html`: the alerts of a run as an HTML page."""

import heapq
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from registrywatch import __version__
from registrywatch.alerts import Alert
from registrywatch.alerts.links import attack_links, links
from registrywatch.alerts.style import STYLES
from registrywatch.alerts.summary_fields import counted
from registrywatch.events import Actor
from registrywatch.report.actors import Activity, actor_key
from registrywatch.report.page import fit, page
from registrywatch.times import seconds

MOST = 20_000  # alerts on a page; if there are more, the most severe are shown


class Run(msgspec.Struct, frozen=True):
    """A run: records read, problems found, and when it ended (seconds since the epoch).

    `filtered` alerts did not pass the filters, `filters` says which these are.
    """

    records: int
    problems: int
    ended: float
    filtered: int = 0
    filters: str = ""


class Collected:
    """The alerts of a page. If there are more than `most`, the most severe are kept."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: list[tuple[int, int, Alert]] = []
        self.number = 0

    def add(self, alert: Alert) -> None:
        """Add the next alert."""
        self.number += 1
        entry = (alert.severity.rank, -self.number, alert)  # equal severity: keep the first
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    def in_order(self) -> list[Alert]:
        """The alerts that were kept, in the order in which they were added."""
        return [alert for _, _, alert in sorted(self._kept, key=lambda entry: -entry[1])]


def alerts_page(collected: Collected, activity: Mapping[str | None, Activity], run: Run) -> str:
    """The page. Text from events is data only, and its invisible characters are made visible."""
    alerts = collected.in_order()
    texts: dict[str, int] = {}
    actors: dict[str | None, int] = {}
    names: dict[str | None, Actor] = {}
    rows = []
    for alert in alerts:
        who = actor_key(alert.actor)
        actor = actors.setdefault(who, len(actors))
        names.setdefault(who, alert.actor)
        rows.append(_row(alert, actor, texts))
    return page(
        "registrywatch report",
        ("alerts.js",),
        {
            "version": __version__,
            "written": run.ended,
            "records": run.records,
            "problems": run.problems,
            "filtered": run.filtered,
            "filters": fit(run.filters),
            "left_out": collected.number - len(alerts),
            "severities": [{"word": style.word} for style in STYLES.values()],
            "texts": [*texts],
            "actors": [_actor(names[each], activity.get(each)) for each in actors],
            "alerts": rows,
        },
    )


def _row(alert: Alert, actor: int, texts: dict[str, int]) -> dict[str, Any]:
    fields: dict[str, str | None] = {
        "id": alert.id,
        "rule": alert.rule,
        "title": alert.title,
        "summary": alert.summary,
        "account": alert.account,
        "region": alert.region,
        "registry": alert.registry,
        "repository": alert.repository,
        "resource": alert.resource,
        "ip": alert.actor.ip,
        "agent": alert.actor.user_agent,
        "silence": alert.silence,
        "counted": counted(alert),
    }
    found = [*links(alert), *attack_links(alert)]
    return {
        **{name: text and fit(text) for name, text in fields.items()},
        "severity": alert.severity.rank,
        "time": seconds(alert.time),
        "actor": actor,
        "reasons": _fit(alert.reasons),
        "events": _fit(alert.events),
        "mitre": [f"{each.tactic} {each.technique}" for each in alert.mitre],
        "impact": texts.setdefault(alert.impact, len(texts)),
        "mitigation": texts.setdefault(alert.mitigation, len(texts)),
        "links": [(each.text, each.url) for each in found],
        "references": alert.references,
    }


def _actor(actor: Actor, activity: Activity | None) -> dict[str, Any]:
    activity = activity or Activity(first=0.0, last=0.0)
    return {
        "id": actor.id and fit(actor.id),
        "name": actor.name and fit(actor.name),
        "first": activity.first if activity.events else None,
        "events": activity.events,
        "addresses": _fit(activity.addresses.first()),
        "all_addresses": len(activity.addresses.seen),
        "tools": _fit(activity.tools.first()),
        "all_tools": len(activity.tools.seen),
        "repositories": _fit(activity.repositories.first()),
        "all_repositories": len(activity.repositories.seen),
    }


def _fit(texts: Iterable[str]) -> list[str]:
    return [fit(text) for text in texts]
