"""A state that lasts is an incident: who was informed of its beginning is informed of its end."""

from typing import Any

import msgspec
import pytest

from registrywatch.alerts import Alert, encode
from registrywatch.alerts.ocsf import ocsf_finding
from registrywatch.checks import Item, right, wrong
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.transitions import Transitions
from registrywatch.delivery.destinations import Answer
from registrywatch.delivery.destinations.pagerduty import PAGERDUTY
from registrywatch.delivery.destinations.security_hub import SECURITY_HUB, finding
from registrywatch.delivery.outage import SILENT_SECONDS
from registrywatch.detector import Detector
from registrywatch.events import Cloud
from registrywatch.rows import MemoryRows
from registrywatch.rules import CATALOGUE
from registrywatch.rules.rule import Trust
from registrywatch.rules.tuning import Tuning
from registrywatch.severity import Severity
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.delivery.world import START, TAKEN, World, all_kinds

DOWN = Answer("try_again", "answered 503", 503)
GOOD = right("trail", "main records all")
BAD = wrong("trail", "no trail is logging", "aws cloudtrail start-logging --name main")
MINOR = wrong("trail", "it may soon stop", "look at it", minor=True)


class Checked:
    """Self-checks whose alerts go through the detector to the destinations of a world."""

    def __init__(self, world: World, cloud: Cloud = "aws", **tuning: Any) -> None:
        self.world = world
        rule = {"aws": "ecr", "azure": "acr"}[cloud] + "-monitoring-removed"
        detector = Detector(
            CATALOGUE,
            {each.name: Tuning(**tuning if each.name == rule else {}) for each in CATALOGUE},
            Trust(),
            Counter(MemoryStore(), lambda: world.now),
            world.send,
        )
        place = CheckedPlace(cloud, "111122223333", "eu-west-1" if cloud == "aws" else None)

        def raise_alert(event: Any) -> None:
            assert not detector.detect([event]).failed

        self._transitions = Transitions(MemoryRows(), place, raise_alert, lambda: world.now)

    def __call__(self, *items: Item) -> None:
        self.world.now += 900
        self._transitions.note(items)
        self.world.run(until=self.world.now)


def incidents(world: World) -> list[tuple[str, str]]:
    """What PagerDuty was sent: the event and the key."""
    events = [msgspec.json.decode(body) for body in world.posts["pagerduty"]]
    return [(each["event_action"], each["dedup_key"]) for each in events]


@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_the_recovery_of_a_part_resolves_the_incident_that_its_alert_opened(cloud: Cloud) -> None:
    world = World(*all_kinds(fold_seconds=900))
    check = Checked(world, cloud)
    check(BAD)
    check(GOOD)
    (opened, key), (closed, same) = incidents(world)
    assert (opened, closed) == ("trigger", "resolve")
    assert key == same


def test_parts_are_incidents_of_their_own() -> None:
    world = World(*all_kinds(fold_seconds=900))
    check = Checked(world)
    table = wrong("table", "gone", "sam deploy")
    check(BAD, table)
    check(GOOD, table)
    check(GOOD, right("table", "there"))
    (_, trail), (_, of_table), third, fourth = incidents(world)
    assert trail != of_table
    assert (third, fourth) == (("resolve", trail), ("resolve", of_table))


def test_a_second_time_is_another_incident() -> None:
    world = World(*all_kinds())
    check = Checked(world)
    for item in (BAD, GOOD, BAD, GOOD):
        check(item)
    first, first_end, second, second_end = (key for _, key in incidents(world))
    assert first == first_end != second == second_end


def test_what_got_worse_meanwhile_is_resolved_with_it() -> None:
    world = World(*all_kinds())
    check = Checked(world)
    for item in (MINOR, BAD, GOOD):
        check(item)
    actions = incidents(world)
    assert [action for action, _ in actions] == ["trigger", "trigger", "resolve", "resolve"]
    assert {key for _, key in actions[:2]} == {key for _, key in actions[2:]}


def test_the_end_goes_where_the_beginning_went() -> None:
    high = [msgspec.structs.replace(to, min_severity=Severity.HIGH) for to in all_kinds()]
    world = World(*high)
    check = Checked(world)
    for item in (BAD, GOOD, MINOR, GOOD):
        check(item)
    assert [each.severity for each in world.received()] == [Severity.HIGH, Severity.LOW]
    assert len(incidents(world)) == 2


def test_a_severity_that_a_setting_fixes_counts_for_both() -> None:
    critical = [msgspec.structs.replace(to, min_severity=Severity.CRITICAL) for to in all_kinds()]
    world = World(*critical)
    check = Checked(world, severity=Severity.CRITICAL)
    check(BAD)
    check(GOOD)
    assert [action for action, _ in incidents(world)] == ["trigger", "resolve"]


def opened_and_resolved() -> tuple[Alert, Alert]:
    world = World(*all_kinds())
    check = Checked(world)
    check(BAD)
    check(GOOD)
    opened, resolved = world.received()
    return opened, resolved


def test_the_webhook_says_which_incident_it_is_and_that_it_is_over() -> None:
    opened, resolved = opened_and_resolved()
    bodies = [msgspec.json.decode(encode(alert)) for alert in (opened, resolved)]
    assert [body["incident"] for body in bodies] == [
        {"id": opened.id, "state": state, "severity": "high"} for state in ("open", "resolved")
    ]
    assert resolved.id != opened.id
    assert resolved.title == f"Resolved: {opened.title}"


def test_ocsf_closes_the_finding() -> None:
    create, close = (ocsf_finding(alert) for alert in opened_and_resolved())
    assert (create["activity_name"], close["activity_name"]) == ("Create", "Close")
    assert (create["status"], close["status"]) == ("New", "Resolved")
    assert create["finding_info"]["uid"] == close["finding_info"]["uid"]


def test_security_hub_archives_the_finding() -> None:
    product = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"
    active, archived = (finding(alert, product, START) for alert in opened_and_resolved())
    assert active["Id"] == archived["Id"]
    assert (active["RecordState"], archived["RecordState"]) == ("ACTIVE", "ARCHIVED")


def test_recovery_is_not_folded_into_the_news_of_what_broke() -> None:
    world = World(*all_kinds(fold_seconds=900))
    check = Checked(world)
    check(BAD)
    world.now -= 600  # a check that a person or an event causes comes sooner
    check(GOOD)
    assert [alert.title for alert in world.received()] == [
        "Registry Monitoring Removed",
        "Resolved: Registry Monitoring Removed",
    ]


def test_many_parts_at_once_are_folded_where_no_incident_is_opened() -> None:
    world = World(*all_kinds(fold_seconds=900))
    check = Checked(world)
    check(*(wrong(f"queue {number}", "gone", "sam deploy") for number in range(9)))
    world.run()
    assert len(world.received()) == 2, "the first, and a follow-up"
    assert world.received()[1].incident is None
    assert len({key for _, key in incidents(world)}) == 9


def test_the_end_does_not_overtake_the_beginning() -> None:
    world = World(*all_kinds(), pagerduty=lambda _, now: DOWN if now < START + 5000 else TAKEN)
    check = Checked(world)
    check(BAD)
    check(GOOD)
    world.run()
    assert [action for action, _ in incidents(world)] == ["trigger", "resolve"]


def test_a_beginning_that_was_given_up_does_not_hold_the_end_back_for_ever() -> None:
    refused = iter([Answer("refused", "answered 400", 400)])
    world = World(*all_kinds(), pagerduty=lambda *_: next(refused, TAKEN))
    check = Checked(world)
    check(BAD)
    check(GOOD)
    world.run()
    assert [action for action, _ in incidents(world)] == ["resolve"]


def test_a_destination_that_answers_again_resolves_its_notice_likewise() -> None:
    down = START + SILENT_SECONDS * 3
    world = World(*all_kinds(), slack=lambda _, now: DOWN if now < down else TAKEN)
    Checked(world)(BAD)
    world.run()
    notices = [
        each for each in world.received() if each.rule == "registrywatch-destination-failing"
    ]
    assert [each.incident and each.incident.state for each in notices] == ["open", "resolved"]
    assert [action for action, _ in incidents(world)] == ["trigger", "trigger", "resolve"]


def test_what_show_alert_prints_of_an_end_is_what_is_sent() -> None:
    opened, resolved = opened_and_resolved()
    trigger, resolve = (
        msgspec.json.decode(PAGERDUTY.forms["pagerduty"](each)) for each in (opened, resolved)
    )
    assert [trigger["event_action"], resolve["event_action"]] == ["trigger", "resolve"]
    assert trigger["dedup_key"] == resolve["dedup_key"]
    archived = msgspec.json.decode(SECURITY_HUB.forms["security-hub"](resolved))
    assert archived["RecordState"] == "ARCHIVED"
