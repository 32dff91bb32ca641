"""The EventBridge patterns name exactly the calls that the library reads."""

import json

from registrywatch.aws import patterns
from registrywatch.aws.patterns import StackPlace
from registrywatch.sources.cloudtrail import CALLS
from tests.aws.templates import (
    FORWARDER,
    Json,
    changes_pattern,
    monitoring_pattern,
    resolved,
    resources,
    traffic_pattern,
)

LONGEST_PATTERN = 4096  # characters, EventBridge's quota
LONGEST_STACK = "registrywatch-of-the-security-team-of-the-company"


def named(pattern: Json) -> set[tuple[str, str]]:
    """The event sources and names in a pattern."""
    return {
        (source, name)
        for either in pattern["detail"]["$or"]
        for source in either["eventSource"]
        for name in either.get("eventName", ())  # refused calls have any name
    }


def test_the_template_s_patterns_are_those_that_the_library_wants() -> None:
    assert changes_pattern() == patterns.changes()
    assert traffic_pattern() == patterns.traffic()
    place = StackPlace("registrywatch", "111122223333", "eu-west-1")
    assert monitoring_pattern() == patterns.monitoring(place)


def test_each_call_that_some_rule_reads_is_brought_by_exactly_one_rule() -> None:
    brought = [named(changes_pattern()), named(traffic_pattern()), named(monitoring_pattern())]
    read = {(source, name) for source, calls in CALLS.items() for name in calls}
    assert set.union(*brought) == read
    assert sum(map(len, brought)) == len(read)


def test_a_pattern_has_room_for_a_long_stack_name() -> None:
    longest = monitoring_pattern(LONGEST_STACK, region="ap-southeast-7")
    assert len(json.dumps(longest, separators=(",", ":"))) <= LONGEST_PATTERN


def test_the_forwarder_sends_what_the_rules_take() -> None:
    rules = resources("AWS::Events::Rule", FORWARDER)
    assert rules["Changes"]["EventPattern"] == changes_pattern()
    assert rules["Traffic"]["EventPattern"] == traffic_pattern()
    own = {"StackName": "registrywatch", "AccountId": "111122223333", "Region": "eu-west-1"}
    monitoring = resolved(rules["Monitoring"]["EventPattern"], Partition="aws", **own)
    assert monitoring == monitoring_pattern()


def test_only_this_state_brings_read_only_events() -> None:
    rules = {**resources("AWS::Events::Rule"), **resources("AWS::Events::Rule", FORWARDER)}
    states = {rule["State"] for name, rule in rules.items() if name != "DeliveryFunctionOwnAlarms"}
    assert states == {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
