"""Every operation of the registries is read by some rule, or there is a reason why none does."""

import pytest

from tests.aws.templates import changes_pattern, traffic_pattern
from tools import coverage_page, coverage_reasons
from tools.coverage_page import SERVICES, Operation, of_azure, of_log, of_service

IN_AWS = {(service, each.name): each for service in SERVICES for each in of_service(service)}


def unclassified(operations: list[Operation]) -> list[str]:
    return [each.name for each in operations if not each.classified]


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_the_installed_sdk_is_classified(service: str) -> None:
    assert unclassified(of_service(service)) == []


def test_every_operation_of_azure_is_classified() -> None:
    assert unclassified(of_azure()) == []
    assert unclassified(of_log()) == []


def test_an_operation_that_nobody_knows_is_not_classified() -> None:
    assert not Operation("PutNothing", (), "").classified


@pytest.mark.parametrize("service", SERVICES)
def test_no_reason_is_left_for_an_operation_that_is_gone(service: str) -> None:
    operations = {each.name for each in of_service(service)}
    assert coverage_reasons.AWS[SERVICES[service]].keys() <= operations


def test_what_is_read_needs_no_reason() -> None:
    both = [
        each.name
        for each in (*IN_AWS.values(), *of_azure(), *of_log())
        if each.rules and each.reason
    ]
    assert both == []


def test_the_template_brings_exactly_what_is_read() -> None:
    patterns = (changes_pattern(), traffic_pattern())
    brought = {
        (source, name)
        for pattern in patterns
        for either in pattern["detail"]["$or"]
        for source in either["eventSource"]
        for name in either.get("eventName", ())  # refused calls have any name
    }
    for (service, name), operation in IN_AWS.items():
        assert ((SERVICES[service], name) in brought) is bool(operation.rules), (service, name)


def test_the_reader_of_a_call_tells_which_rules_read_it() -> None:
    assert "ecr-excessive-image-pull" in IN_AWS["ecr", "BatchGetImage"].rules
    assert IN_AWS["ecr", "PutLifecyclePolicy"].rules == ("ecr-lifecycle-policy-added",)
    assert "ecr-monitoring-removed" in {
        rule for each in coverage_page.elsewhere() for rule in each.rules
    }
