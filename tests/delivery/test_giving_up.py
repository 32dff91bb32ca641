"""For how long an alert is tried again, and what bounds it."""

import pytest

from registrywatch.delivery.destinations import Answer
from registrywatch.delivery.ledger import KEEP_SECONDS, MemoryLedger
from registrywatch.errors import SettingsError
from registrywatch.settings import parse, parse_delivery
from registrywatch.settings.destinations import GIVE_UP_HOURS
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN, World, all_kinds, webhook

DOWN = Answer("try_again", "answered 503", 503)
HOUR, DAY = 3600.0, 86_400.0
QUEUE_RETENTION = 14 * DAY  # of every queue: tests/aws/test_template.py; in Azure without end


@pytest.mark.parametrize(("hours", "end"), [(48, "delivered"), (24, "dead_lettered")])
def test_an_outage_shorter_than_the_limit_leaves_no_dead_letter(hours: int, end: str) -> None:
    world = World(
        webhook(fold_seconds=0), webhook=lambda _, now: DOWN if now < START + 30 * HOUR else TAKEN
    )
    world.courier = world.new_courier(give_up_seconds=hours * HOUR)
    world.send(an_alert())
    assert world.run()[-1].result == end
    given_up = "given up after 1 day: webhook: answered 503"
    assert [dead.reason for dead in world.queue.dead] == [given_up] * (end == "dead_lettered")


def test_the_notice_says_for_how_long_alerts_wait() -> None:
    world = World(*all_kinds(), slack=lambda *_: DOWN)
    world.ledger = MemoryLedger()
    world.courier = world.new_courier(give_up_seconds=2 * HOUR)
    world.send(an_alert())
    world.run()
    assert "They wait for 2 hours" in world.received()[-1].impact


def test_the_limit_is_a_setting_of_both_clouds() -> None:
    assert parse({}).give_up_seconds == 6 * HOUR
    chosen = {GIVE_UP_HOURS.name: "48"}
    assert parse(chosen).give_up_seconds == parse_delivery(chosen).give_up_seconds == 48 * HOUR


def test_no_alert_outlives_its_queue_or_its_entry_in_the_ledger() -> None:
    longest = parse_delivery({GIVE_UP_HOURS.name: "168"}).give_up_seconds
    assert longest < QUEUE_RETENTION < KEEP_SECONDS
    for refused in ("169", "0"):
        with pytest.raises(SettingsError, match=f"GIVE_UP_HOURS: '{refused}' can't be used"):
            parse_delivery({GIVE_UP_HOURS.name: refused})
