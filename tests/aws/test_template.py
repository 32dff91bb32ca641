"""What no checker looks for in template.yaml: our promises, and rules of AWS that are not written.

Linters and schemas are run on it in tests/integration/aws.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from registrywatch.rules import CATALOGUE
from registrywatch.settings.destinations import DESTINATIONS as DESTINATION_VARIABLES
from registrywatch.settings.variables import (
    CONFIG,
    GENERAL,
    VARIABLES,
    rule_variables,
)
from tests.aws.templates import Json, load, resources
from tests.aws.test_rights import statements

FUNCTIONS = resources("AWS::Serverless::Function")
QUEUES = resources("AWS::SQS::Queue")
ALARMS = resources("AWS::CloudWatch::Alarm")
PARAMETERS: Json = load()["Parameters"]
ENVIRONMENT: Json = load()["Globals"]["Function"]["Environment"]["Variables"]
SECRETS = {
    parameter
    for variable in DESTINATION_VARIABLES
    if variable.secret
    for parameter in [ENVIRONMENT[variable.name]["Fn::If"][1]["Ref"]]
}


def pollers() -> Iterator[tuple[str, Json, Json]]:
    """Each event source mapping: the function's name and properties, and the mapping's."""
    for name, function in FUNCTIONS.items():
        for event in function["Events"].values():
            if event["Type"] == "SQS":
                yield name, function, event["Properties"]


def queue_of(mapping: Json) -> str:
    name: str = mapping["Queue"]["Fn::GetAtt"][0]
    return name


def number(value: Any) -> int:
    """A number as written; of a parameter the greatest that it may be."""
    return int(PARAMETERS[value["Ref"]]["MaxValue"] if isinstance(value, dict) else value)


def alarms_on(metric: str, dimension: str) -> set[str]:
    """The resources that some alarm on this metric is about."""
    found = set()
    for alarm in ALARMS.values():
        [watched] = alarm["Dimensions"]
        if (alarm["MetricName"], watched["Name"]) == (metric, dimension):
            found.add(watched["Value"].get("Ref") or watched["Value"]["Fn::GetAtt"][0])
    return found


# Queues and functions


def test_more_than_ten_messages_at_once_need_a_batching_window() -> None:
    """AWS refuses the deploy otherwise, and no linter knows it."""
    for name, _, mapping in pollers():
        if mapping["BatchSize"] > 10:
            window = PARAMETERS[mapping["MaximumBatchingWindowInSeconds"]["Ref"]]
            assert window["MinValue"] >= 1, name


def test_a_message_stays_hidden_for_six_times_the_function_s_timeout() -> None:
    for name, function, mapping in pollers():
        least = 6 * function["Timeout"] + number(mapping.get("MaximumBatchingWindowInSeconds", 0))
        assert QUEUES[queue_of(mapping)]["VisibilityTimeout"] >= least, name


def test_the_messages_of_a_batch_fail_one_by_one() -> None:
    for name, _, mapping in pollers():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_what_is_polled_has_a_dead_letter_queue() -> None:
    for name, _, mapping in pollers():
        redrive = QUEUES[queue_of(mapping)]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in QUEUES, name


def test_nothing_expires_on_a_queue_before_fourteen_days() -> None:
    assert {queue["MessageRetentionPeriod"] for queue in QUEUES.values()} == {14 * 86_400}


def test_both_ways_in_which_a_change_can_fail_end_in_the_same_queue() -> None:
    changes = FUNCTIONS["ChangesFunction"]
    by_lambda = changes["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    by_eventbridge = changes["Events"]["Changes"]["Properties"]["DeadLetterConfig"]
    assert by_lambda["Destination"] == by_eventbridge["Arn"]
    assert by_eventbridge["Arn"] == {"Fn::GetAtt": ["ChangesDeadLetterQueue", "Arn"]}


def test_logs_go_after_a_while() -> None:
    groups = resources("AWS::Logs::LogGroup")
    for name, function in FUNCTIONS.items():
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Log"}
        assert "RetentionInDays" in groups[f"{name}Log"]


# Alarms


def test_every_dead_letter_queue_has_an_alarm() -> None:
    dead = {name for name in QUEUES if name.endswith("DeadLetterQueue")}
    assert len(dead) == 3
    assert alarms_on("ApproximateNumberOfMessagesVisible", "QueueName") == dead


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_alarms(metric: str) -> None:
    assert alarms_on(metric, "FunctionName") == set(FUNCTIONS)


def test_every_polled_queue_has_an_alarm_on_its_age() -> None:
    polled = {queue_of(mapping) for _, _, mapping in pollers()}
    assert alarms_on("ApproximateAgeOfOldestMessage", "QueueName") == polled


def test_silence_is_no_alarm() -> None:
    assert {alarm["TreatMissingData"] for alarm in ALARMS.values()} == {"notBreaching"}


# Rights


def test_each_function_has_a_role_of_its_own() -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS.values()]
    assert sorted(roles) == sorted(resources("AWS::IAM::Role"))


def test_a_role_names_each_resource_and_each_action() -> None:
    for name, role in resources("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
        for statement in statements(role):
            assert statement["Effect"] == "Allow"
            assert "*" not in str(statement["Action"]), name
            named = statement["Resource"]
            assert named != "*", name
            assert "NotResource" not in statement, name


def test_queues_take_nothing_from_eventbridge_but_the_rules_that_feed_them() -> None:
    for policy in resources("AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement["Principal"] == {"Service": "events.amazonaws.com"}
                assert "aws:SourceArn" in statement["Condition"]["ArnEquals"]


def test_a_secret_may_be_read_under_its_own_name_only() -> None:
    [reading] = [
        statement
        for statement in statements(resources("AWS::IAM::Role")["DeliveryFunctionRole"])
        if "secretsmanager:GetSecretValue" in statement["Action"]
    ]
    conditions = [either["Fn::If"][0] for either in reading["Resource"]]
    assert sorted(conditions) == sorted(f"Has{secret}" for secret in SECRETS)


# Parameters and settings


def test_a_first_deploy_is_asked_for_nothing() -> None:
    assert [name for name, parameter in PARAMETERS.items() if "Default" not in parameter] == []


def test_every_parameter_is_shown_in_a_group() -> None:
    groups = load()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(PARAMETERS)


def test_every_variable_in_the_environment_is_a_setting() -> None:
    known = {variable.name for variable in VARIABLES}
    for function in [{"Environment": {"Variables": ENVIRONMENT}}, *FUNCTIONS.values()]:
        names = function.get("Environment", {}).get("Variables", {})
        assert set(names) <= known


def test_every_number_of_a_counted_rule_and_every_general_setting_is_a_parameter() -> None:
    counted = [rule for rule in CATALOGUE if rule.cloud == "aws" and rule.counting]
    assert len(counted) == 2
    numbers = {
        variable.name
        for rule in counted
        for variable in rule_variables(rule)
        if re.search("_(THRESHOLD|WINDOW_SECONDS|QUIET_SECONDS|COUNT|GROUP_BY)$", variable.name)
    }
    assert len(numbers) == 10
    assert numbers | {variable.name for variable in GENERAL} <= set(ENVIRONMENT)


def test_every_destination_is_a_parameter_with_its_least_severity() -> None:
    wanted = {
        each.name for each in DESTINATION_VARIABLES if each.secret or "MIN_SEVERITY" in each.name
    }
    assert wanted <= set(ENVIRONMENT)


OF_THE_STACK = {
    "REGISTRYWATCH_TABLE",
    "REGISTRYWATCH_ALERT_QUEUE",
    "REGISTRYWATCH_OWN_RESOURCES",
}


def test_a_parameter_that_is_left_empty_leaves_the_library_s_default() -> None:
    for name, value in ENVIRONMENT.items():
        if name == CONFIG or name in OF_THE_STACK:
            continue
        condition, given, otherwise = value["Fn::If"]
        assert given == {"Ref": condition.removeprefix("Has")}, name
        assert otherwise == {"Ref": "AWS::NoValue"}, name
        assert PARAMETERS[given["Ref"]]["Default"] == ""
        assert load()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [given, ""]}]}, (
            condition
        )


@pytest.mark.parametrize("secret", sorted(SECRETS))
@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", True),
        ("ssm:/registrywatch/slack", True),
        ("secretsmanager:registrywatch/slack", True),
        ("https://hooks.slack.com/services/T0/B0/x", False),
        ("0123456789abcdef0123456789abcdef", False),
        ("ssm:slack", False),
        ("secretsmanager:", False),
    ],
)
def test_a_secret_is_given_by_name_never_itself(secret: str, value: str, fits: bool) -> None:
    """Whoever may describe the stack sees its parameters."""
    assert bool(re.search(PARAMETERS[secret]["AllowedPattern"], value)) is fits


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("TrustedAccounts", "111122223333, 444455556666"),
        ("TrustedOrgs", "o-a1b2c3d4e5,o-f6g7h8i9j0"),
        ("PullGroupBy", "account, ip"),
        ("PullThreshold", "8000"),
        ("PullWindowSeconds", "86400"),
        ("PullQuietSeconds", "864000"),
        ("Settings", '{"REGISTRYWATCH_FOLD_SECONDS": 0}'),
        ("SettingsParameter", "/registrywatch/settings"),
    ],
)
def test_what_the_library_takes_the_template_takes(name: str, given: str) -> None:
    assert re.search(PARAMETERS[name]["AllowedPattern"], given)
