"""What is sent at once and what is sent together."""

import msgspec

from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.fold import MOST_REMEMBERED
from registrywatch.events import Actor
from registrywatch.severity import Severity
from tests.builders.alerts import DEV, an_alert
from tests.delivery.world import START, TAKEN, World, all_kinds, summaries, webhook

MORE = "more alerts “Images Within a Repository Deleted”"


def test_the_first_alert_goes_out_at_once_and_the_rest_in_one_follow_up() -> None:
    world = World(webhook())
    world.send(*(an_alert(number) for number in range(38)))
    world.run(until=START + 1)
    assert [alert.id for alert in world.received()] == [an_alert(0).id]
    world.run()
    assert world.now == START + 900
    assert summaries(world.received()[1:]) == [
        f"37 {MORE} in prod/api by Dev/alice within 15 minutes"
    ]


def test_a_lone_alert_has_no_follow_up_and_costs_no_second_message() -> None:
    world = World(webhook())
    world.send(an_alert())
    world.run(until=START)
    assert len(world.received()) == 1
    assert len(world.queue) == 0


def test_a_follow_up_says_what_it_counts() -> None:
    world = World(webhook())
    worse = [an_alert(number, severity=Severity.HIGH, repository="b") for number in range(10, 13)]
    world.send(an_alert(1), an_alert(2), *worse, an_alert(3, repository="c"))
    world.send(an_alert(4, repository="c", severity=Severity.LOW))
    world.run()
    [*_, got] = world.received()
    assert got.summary == f"4 {MORE} in 3 repositories by Dev/alice within 15 minutes"
    assert got.severity == Severity.HIGH
    assert got.repository is None
    assert got.rule == "ecr-images-deleted"
    assert got.reasons[-1].endswith(f"they follow alert {an_alert(1).id}")
    assert "Dev deleted 12 images from b (111122223333, eu-west-1)" in got.reasons
    assert set(got.events) == {
        event for alert in (an_alert(2), *worse[1:], an_alert(4)) for event in alert.events
    }
    assert got.time == worse[-1].time


def test_the_first_alert_of_each_repository_goes_out_at_once() -> None:
    world = World(webhook())
    world.send(
        an_alert(1, repository="a"), an_alert(2, repository="b"), an_alert(3, repository="b")
    )
    world.run(until=START)
    assert [alert.repository for alert in world.received()] == ["a", "b"]


def test_a_burst_over_many_repositories_is_five_messages_and_a_follow_up() -> None:
    world = World(*all_kinds(fold_seconds=900))
    world.send(*(an_alert(n, repository=f"prod/{n}") for n in range(300)))
    world.run()
    assert {name: len(posts) for name, posts in world.posts.items()} == dict.fromkeys(
        ("slack", "pagerduty", "teams", "webhook"), 6
    )
    assert world.received()[-1].summary.startswith(f"295 {MORE} in 295 repositories")
    keys = {msgspec.json.decode(body)["dedup_key"] for body in world.posts["pagerduty"]}
    assert len(keys) == 1


def test_after_five_messages_a_rise_in_severity_still_goes_out_at_once() -> None:
    world = World(webhook())
    world.send(*(an_alert(n, repository=f"prod/{n}") for n in range(30)))
    world.send(an_alert(40, repository="prod/7", severity=Severity.CRITICAL))
    world.run(until=START)
    assert [alert.severity.value for alert in world.received()] == ["medium"] * 5 + ["critical"]


def test_a_rise_in_severity_breaks_through_at_once() -> None:
    world = World(webhook())
    grades = ["medium", "low", "high", "high", "critical", "medium"]
    world.send(*(an_alert(n, severity=Severity(grade)) for n, grade in enumerate(grades)))
    world.run(until=START)
    assert [alert.severity.value for alert in world.received()] == ["medium", "high", "critical"]
    world.run()
    assert world.received()[-1].summary.startswith("3 more alerts")


def test_other_rules_actors_and_registries_are_not_folded_together() -> None:
    world = World(webhook())
    other = Actor(id="arn:aws:iam::111122223333:role/Other", name="Other")
    world.send(
        an_alert(1),
        an_alert(2, rule="ecr-tag-overwrite-enabled"),
        an_alert(3, actor=other),
        an_alert(4, registry="444455556666.dkr.ecr.eu-west-1.amazonaws.com"),
    )
    world.run(until=START)
    assert len(world.received()) == 4


def test_sessions_of_one_role_are_folded_together() -> None:
    world = World(webhook())
    bob = msgspec.structs.replace(DEV, name="Dev/bob")
    world.send(an_alert(1), an_alert(2, actor=bob))
    world.run(until=START)
    assert len(world.received()) == 1


def test_after_a_window_the_next_alert_goes_out_at_once() -> None:
    world = World(webhook(fold_seconds=60))
    world.send(an_alert(1), an_alert(2))
    world.run(until=START + 100)
    world.send(an_alert(3), an_alert(4))
    world.run()
    assert [alert.summary.startswith("1 more alert ") for alert in world.received()] == [
        False,
        True,
        False,
        True,
    ]


def test_a_window_without_a_follow_up_ends_by_itself() -> None:
    world = World(webhook(fold_seconds=60))
    world.send(an_alert(1))
    world.run(until=START + 61)
    world.send(an_alert(2))
    world.run()
    assert [alert.id for alert in world.received()] == [an_alert(1).id, an_alert(2).id]


def test_an_alert_that_comes_before_a_late_follow_up_is_counted_by_it() -> None:
    world = World(webhook(fold_seconds=60))
    world.send(an_alert(1), an_alert(2))
    world.run(until=START)
    world.now += 90  # the queue is late with the end of the window
    world.send(an_alert(3))
    late_end = world.queue.take()
    assert late_end is not None
    world.run(until=START + 91)
    world.queue.put(late_end)
    world.run()
    assert world.received()[-1].summary.startswith("2 more alerts")


def test_folding_can_be_switched_off() -> None:
    world = World(webhook(fold_seconds=0))
    world.send(*(an_alert(number) for number in range(5)))
    world.run()
    assert [alert.id for alert in world.received()] == [an_alert(number).id for number in range(5)]


def test_each_destination_folds_what_reaches_it() -> None:
    slack, pagerduty, *_ = all_kinds(fold_seconds=900)
    pagerduty = msgspec.structs.replace(pagerduty, min_severity=Severity.HIGH)
    world = World(slack, pagerduty)
    world.send(an_alert(1), an_alert(2), an_alert(3, severity=Severity.HIGH))
    world.run()
    assert [len(world.posts[name]) for name in ("slack", "pagerduty")] == [3, 1]


def incidents(world: World) -> list[str]:
    return [msgspec.json.decode(body)["dedup_key"] for body in world.posts["pagerduty"]]


def test_an_incident_is_a_window_at_one_severity() -> None:
    _, pagerduty, *_ = all_kinds(fold_seconds=60)
    world = World(pagerduty)
    world.send(an_alert(1, repository="a"), an_alert(2, repository="b"))
    world.send(an_alert(3, severity=Severity.CRITICAL))
    world.run(until=START + 61)
    world.send(an_alert(4, repository="a"))
    world.run()
    first, same, risen, later = incidents(world)
    assert first == same, "another repository is the same burst"
    assert len({first, risen, later}) == 3, "a rise, and a later burst, must notify again"


def test_a_follow_up_joins_the_worst_incident_of_its_window() -> None:
    _, pagerduty, *_ = all_kinds(fold_seconds=900)
    world = World(pagerduty)
    world.send(an_alert(1), an_alert(2, severity=Severity.HIGH), an_alert(3), an_alert(4))
    world.run()
    medium, high, follow_up = incidents(world)
    assert follow_up == high != medium


def test_a_retry_keeps_its_incident() -> None:
    _, pagerduty, *_ = all_kinds(fold_seconds=900)
    seen: list[str] = []

    def unsteady(request: Request, now: float) -> Answer:
        seen.append(msgspec.json.decode(request.body)["dedup_key"])
        return TAKEN if len(seen) > 2 else Answer("try_again", "answered 503", 503)

    world = World(pagerduty, pagerduty=unsteady)
    world.send(an_alert())
    world.run()
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_without_folding_alike_alerts_of_a_day_share_an_incident_at_each_severity() -> None:
    world = World(all_kinds(fold_seconds=0)[1])
    world.send(an_alert(1), an_alert(2), an_alert(3, severity=Severity.HIGH))
    world.send(an_alert(4, time="2026-08-02T09:00:00Z"))
    world.run()
    first, same, risen, later = incidents(world)
    assert first == same
    assert len({first, risen, later}) == 3


def test_a_window_that_is_full_gives_way_to_a_new_one_and_nothing_is_dropped() -> None:
    world = World(webhook())
    number = 2 * MOST_REMEMBERED + 10
    world.send(*(an_alert(each) for each in range(number)))
    world.run()
    counted = [int(alert.summary.split()[0]) for alert in world.received() if alert.follows]
    assert len(world.received()) - len(counted) == 3
    assert sum(counted) + 3 == number


def test_a_destination_that_is_down_keeps_the_first_alert_apart_from_later_windows() -> None:
    down = Answer("try_again", "answered 503", 503)
    world = World(
        webhook(fold_seconds=60), webhook=lambda _, now: down if now < START + 600 else TAKEN
    )
    world.send(an_alert(1))
    world.run(until=START + 120)
    world.send(an_alert(2))
    world.run()
    assert {alert.id for alert in world.received()} == {an_alert(1).id, an_alert(2).id}


def test_the_end_of_a_window_that_is_delivered_twice_is_reported_once() -> None:
    world = World(webhook(fold_seconds=60))
    world.send(an_alert(1), an_alert(2))
    world.run(until=START)
    world.now = START + 60
    end = world.queue.take()
    assert end is not None
    world.queue.put(end)
    world.queue.put(end)
    outcomes = world.run()
    assert [outcome.result for outcome in outcomes] == [
        "follow_up_sent",
        "follow_up_sent",
        "delivered",
        "duplicate",
    ]
