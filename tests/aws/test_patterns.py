"""The EventBridge patterns name exactly the calls that the library reads."""

from registrywatch.sources.cloudtrail import CALLS
from tests.aws.templates import FORWARDER, Json, changes_pattern, resources, traffic_pattern

TRAFFIC = frozenset({"BatchGetImage", "PutImage"})


def named(pattern: Json) -> dict[str, list[str]]:
    """The event names in a pattern, by event source."""
    return {
        source: either["eventName"]
        for either in pattern["detail"]["$or"]
        for source in either["eventSource"]
    }


def test_changes_are_all_calls_that_some_rule_reads_but_image_traffic() -> None:
    expected = {source: sorted(set(calls) - TRAFFIC) for source, calls in CALLS.items()}
    assert named(changes_pattern()) == expected


def test_image_traffic_is_pulls_and_pushes() -> None:
    expected = {source: sorted(set(calls) & TRAFFIC) for source, calls in CALLS.items()}
    assert named(traffic_pattern()) == {
        source: names for source, names in expected.items() if names
    }


def test_the_forwarder_sends_what_the_rules_take() -> None:
    rules = resources("AWS::Events::Rule", FORWARDER)
    assert rules["Changes"]["EventPattern"] == changes_pattern()
    assert rules["Traffic"]["EventPattern"] == traffic_pattern()


def test_only_this_state_brings_read_only_events() -> None:
    functions = resources("AWS::Serverless::Function")
    states = [
        functions["ChangesFunction"]["Events"]["Changes"]["Properties"]["State"],
        resources("AWS::Events::Rule")["TrafficRule"]["State"],
        *(rule["State"] for rule in resources("AWS::Events::Rule", FORWARDER).values()),
    ]
    assert set(states) == {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
