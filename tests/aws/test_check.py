"""The self-check on AWS: a deployment with one thing broken names exactly that thing."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from registrywatch.aws.check import check
from registrywatch.aws.check.rules import RULES
from registrywatch.checks import Item
from tests.aws.deployed import ACCOUNT, SECRET, STACK, Deployed, deployed
from tests.aws.templates import Json, resources
from tests.builders.cloudtrail import REGION
from tests.builders.moto import aws_in_memory
from tests.test_commands_in_docs import READERS, commands

Break = Callable[[Deployed], object]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with aws_in_memory(), deployed(monkeypatch) as stack:
        yield stack


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A stack whose events go to aliases."""
    with aws_in_memory(), deployed(monkeypatch, canary=True) as stack:
        yield stack


def wrong(items: tuple[Item, ...]) -> list[str]:
    return [item.name for item in items if not item.ok]


def selectors(stack: Deployed, **selector: object) -> None:
    given = [{"ReadWriteType": "All", "IncludeManagementEvents": True, **selector}]
    stack.client("cloudtrail").put_event_selectors(TrailName="main", EventSelectors=given)


def rule(stack: Deployed, logical: str, call: str, **request: object) -> None:
    getattr(stack.client("events"), call)(Name=stack.physical[logical], **request)


def targets(stack: Deployed, logical: str, **target: object) -> None:
    name, events = stack.physical[logical], stack.client("events")
    events.remove_targets(Rule=name, Ids=["t"])
    if target:
        events.put_targets(Rule=name, Targets=[{"Id": "t", **target}])


def no_rule(stack: Deployed, logical: str) -> None:
    targets(stack, logical)
    rule(stack, logical, "delete_rule")


def queue(stack: Deployed, logical: str, **attributes: object) -> None:
    url, texts = stack.physical[logical], {name: str(each) for name, each in attributes.items()}
    stack.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=texts)


def function(stack: Deployed, call: str, logical: str = "DeliveryFunction", **more: object) -> None:
    getattr(stack.client("lambda"), call)(FunctionName=stack.physical[logical], **more)


def mapping(stack: Deployed, call: str, **more: object) -> None:
    uuid = stack.physical["TrafficFunctionTraffic"]
    getattr(stack.client("lambda"), call)(UUID=uuid, **more)


def no_subscription(stack: Deployed) -> None:
    sns = stack.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=stack.topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def silent(stack: Deployed) -> None:
    """The last event was two days ago; before, one arrived every hour."""
    get_backend("cloudwatch")[ACCOUNT][REGION].metric_data.clear()
    for hour in range(48, 96):
        stack.arrived(stack.physical["TrafficRule"], time.time() - hour * 3600)


def secret_in_secrets_manager(stack: Deployed, *, deleted: bool) -> None:
    manager = stack.client("secretsmanager")
    manager.create_secret(Name="slack", SecretString="s")
    if deleted:
        manager.delete_secret(SecretId="slack")
    variables = {"REGISTRYWATCH_SLACK_WEBHOOK_URL": "secretsmanager:slack"}
    function(stack, "update_function_configuration", Environment={"Variables": variables})


def says(operation: str, logical: str, answer: Json) -> Break:
    """AWS answers so about a resource, or whatever is asked for ""."""

    def breaks(stack: Deployed) -> None:
        stack.instead[operation, stack.physical[logical] if logical else ""] = answer

    return breaks


def denied(stack: Deployed) -> None:
    """EventBridge may invoke the function, and nobody may."""
    arns = [stack.place.arn("events", f"rule/{stack.physical[each]}") for each in RULES]
    policy = {"Statement": [{"Effect": "Allow", "Sid": str(arns)}, {"Effect": "Deny"}]}
    says("GetPolicy", "DeliveryFunction", {"Policy": json.dumps(policy)})(stack)


def no_receiver(stack: Deployed) -> None:
    for each in stack.client("cloudwatch").describe_alarms()["MetricAlarms"]:
        stack.alarm(each["AlarmName"])


def missing_secret(stack: Deployed) -> None:
    variables = {"REGISTRYWATCH_SLACK_WEBHOOK_URL": "secretsmanager:nowhere"}
    function(stack, "update_function_configuration", Environment={"Variables": variables})


RETRY = "ChangesFunctionRetry"
DENIED = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}]})
TRAFFIC = "TrafficRule"

BROKEN: dict[str, tuple[str, Break]] = {
    "trail stopped": ("trail", lambda s: s.client("cloudtrail").stop_logging(Name="main")),
    "trail deleted": ("trail", lambda s: s.client("cloudtrail").delete_trail(Name="main")),
    "trail without reads": ("trail", lambda s: selectors(s, ReadWriteType="WriteOnly")),
    "trail without management": (
        "trail",
        lambda s: selectors(s, IncludeManagementEvents=False),
    ),
    "rule disabled": ("rule TrafficRule", lambda s: rule(s, TRAFFIC, "disable_rule")),
    "rule without reads": ("rule TrafficRule", lambda s: rule(s, TRAFFIC, "enable_rule")),
    "rule deleted": (
        "rule TrafficRule",
        lambda s: no_rule(s, TRAFFIC),
    ),
    "rule with another pattern": (
        "rule ChangesFunctionChanges",
        lambda s: rule(
            s,
            "ChangesFunctionChanges",
            "put_rule",
            EventPattern='{"source": ["aws.none"]}',
            State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        ),
    ),
    "rule without target": ("rule TrafficRule", lambda s: targets(s, TRAFFIC)),
    "rule to another queue": (
        "rule TrafficRule",
        lambda s: targets(s, TRAFFIC, Arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mallory"),
    ),
    "rule that sends something else": (
        "rule TrafficRule",
        lambda s: targets(s, TRAFFIC, Arn=s.queue_arn("TrafficQueue"), Input="{}"),
    ),
    "function deleted": (
        "function DeliveryFunction",
        lambda s: function(s, "delete_function"),
    ),
    "function throttled": (
        "function TrafficFunction",
        lambda s: function(
            s, "put_function_concurrency", "TrafficFunction", ReservedConcurrentExecutions=0
        ),
    ),
    "mapping deleted": (
        "event source mapping TrafficFunctionTraffic",
        lambda s: mapping(s, "delete_event_source_mapping"),
    ),
    "mapping disabled": (
        "event source mapping TrafficFunctionTraffic",
        lambda s: mapping(s, "update_event_source_mapping", Enabled=False),
    ),
    "function whose update failed": (
        "function ChangesFunction",
        says("GetFunctionConfiguration", "ChangesFunction", {"LastUpdateStatus": "Failed"}),
    ),
    "function that failed": (
        "function CheckFunction",
        says("GetFunctionConfiguration", "CheckFunction", {"State": "Failed"}),
    ),
    "mapping that filters": (
        f"event source mapping {RETRY}",
        says(
            "GetEventSourceMapping",
            RETRY,
            {"State": "Enabled", "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}},
        ),
    ),
    "mapping to another function": (
        f"event source mapping {RETRY}",
        says("GetEventSourceMapping", RETRY, {"State": "Enabled", "FunctionArn": "arn:mallory"}),
    ),
    "permission denied": ("permission DeliveryFunction", denied),
    "rule that the stack has lost": (
        "rule DeliveryFunctionOwnAlarms",
        lambda s: s.physical.pop("DeliveryFunctionOwnAlarms"),
    ),
    "queue without dead letters": (
        "queue ChangesRetryQueue",
        says(
            "GetQueueAttributes",
            "ChangesRetryQueue",
            {"Attributes": {"MessageRetentionPeriod": "1209600"}},
        ),
    ),
    "alarms without a receiver": ("alarm receivers", no_receiver),
    "receiver who did not confirm": (
        "alarm receivers",
        says(
            "ListSubscriptionsByTopic",
            "",
            {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Endpoint": "x"}]},
        ),
    ),
    "schedule disabled": (
        "schedule CheckFunctionEvery",
        says("GetSchedule", "", {"State": "DISABLED"}),
    ),
    "secret that is nowhere": ("secret REGISTRYWATCH_SLACK_WEBHOOK_URL", missing_secret),
    "permission removed": (
        "permission ChangesFunction",
        lambda s: function(
            s, "remove_permission", "ChangesFunction", StatementId="ChangesFunctionChanges"
        ),
    ),
    "concurrency": ("concurrency", lambda s: setattr(s, "free", 10)),
    "queue deleted": (
        "queue AlertQueue",
        lambda s: s.client("sqs").delete_queue(QueueUrl=s.physical["AlertQueue"]),
    ),
    "queue that denies": ("queue AlertQueue", lambda s: queue(s, "AlertQueue", Policy=DENIED)),
    "queue that lets nobody send": (
        "queue TrafficQueue",
        lambda s: queue(s, "TrafficQueue", Policy='{"Statement": []}'),
    ),
    "queue that forgets": (
        "queue TrafficQueue",
        lambda s: queue(s, "TrafficQueue", MessageRetentionPeriod=60),
    ),
    "dead letters of changes": (
        "dead letters ChangesDeadLetterQueue",
        lambda s: s.client("sqs").send_message(
            QueueUrl=s.physical["ChangesDeadLetterQueue"], MessageBody="{}"
        ),
    ),
    "dead letters": (
        "dead letters AlertDeadLetterQueue",
        lambda s: s.client("sqs").send_message(
            QueueUrl=s.physical["AlertDeadLetterQueue"], MessageBody="{}"
        ),
    ),
    "table deleted": (
        "table",
        lambda s: s.client("dynamodb").delete_table(TableName=s.physical["Table"]),
    ),
    "table that keeps all": (
        "table",
        lambda s: s.client("dynamodb").update_time_to_live(
            TableName=s.physical["Table"],
            TimeToLiveSpecification={"Enabled": False, "AttributeName": "x"},
        ),
    ),
    "secret deleted": (
        "secret REGISTRYWATCH_SLACK_WEBHOOK_URL",
        lambda s: s.client("ssm").delete_parameter(Name=SECRET),
    ),
    "secret about to be deleted": (
        "secret REGISTRYWATCH_SLACK_WEBHOOK_URL",
        lambda s: secret_in_secrets_manager(s, deleted=True),
    ),
    "alarm deleted": (
        "alarms",
        lambda s: s.client("cloudwatch").delete_alarms(
            AlarmNames=[s.physical["ChangesErrorsAlarm"]]
        ),
    ),
    "alarm silenced": (
        "alarms",
        lambda s: s.client("cloudwatch").disable_alarm_actions(
            AlarmNames=[s.physical["ChangesErrorsAlarm"]]
        ),
    ),
    "nobody is told": ("alarm receivers", no_subscription),
    "schedule deleted": (
        "schedule CheckFunctionEvery",
        lambda s: s.client("scheduler").delete_schedule(Name=s.physical["CheckFunctionEvery"]),
    ),
    "silence": ("arrivals", silent),
}


def test_a_deployment_as_it_should_be_is_right_in_every_item(stack: Deployed) -> None:
    items = check(STACK)
    assert wrong(items) == []
    assert len(items) > 20
    assert len({item.name for item in items}) == len(items)


def alias(stack: Deployed, **changed: object) -> None:
    name = stack.physical["TrafficFunction"]
    stack.client("lambda").publish_version(FunctionName=name)
    stack.client("lambda").update_alias(FunctionName=name, Name="live", **changed)


def test_with_canary_everything_is_looked_at_through_the_aliases(canary: Deployed) -> None:
    items = check(STACK)
    assert wrong(items) == []
    assert [item.name for item in items if item.name.startswith("alias")] == [
        f"alias {each}Alias" for each in ("Changes", "Traffic", "Delivery")
    ]


@pytest.mark.parametrize(
    "breaks",
    [
        lambda s: alias(s, FunctionVersion="$LATEST"),
        lambda s: alias(s, RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}}),
        lambda s: s.client("lambda").delete_alias(
            FunctionName=s.physical["TrafficFunction"], Name="live"
        ),
    ],
    ids=["another version", "a part of the events", "deleted"],
)
def test_an_alias_that_sends_events_elsewhere_is_wrong(canary: Deployed, breaks: Break) -> None:
    breaks(canary)
    [item] = [each for each in check(STACK) if each.name == "alias TrafficAlias"]
    assert not item.ok
    assert_typed(item)


def test_while_a_deployment_goes_on_two_versions_get_events(canary: Deployed) -> None:
    alias(canary, RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    canary.status = "UPDATE_IN_PROGRESS"
    assert wrong(check(STACK)) == []


def test_with_canary_a_rule_to_the_function_itself_is_wrong(canary: Deployed) -> None:
    targets(canary, "ChangesFunctionChanges", Arn=canary.function_arn("ChangesFunction"))
    assert wrong(check(STACK)) == ["rule ChangesFunctionChanges"]


def test_with_canary_a_permission_of_the_function_alone_does_not_do(canary: Deployed) -> None:
    function(
        canary,
        "remove_permission",
        "ChangesFunction",
        StatementId="ChangesFunctionChanges",
        Qualifier="live",
    )
    [item] = [each for each in check(STACK) if not each.ok]
    assert item.name == "permission ChangesFunction"
    assert_typed(item)


ALONE = "function deleted"  # with which its settings go, and what they name


def groups() -> list[list[str]]:
    """All ways to break something; in a group each breaks another item, so one deployment does."""
    found: list[dict[str, str]] = []
    for way, (item, _) in BROKEN.items():
        if way == ALONE:
            continue
        group = next((each for each in found if item not in each), None)
        if group is None:
            found.append(group := {})
        group[item] = way
    return [[ALONE], *(list(group.values()) for group in found)]


def assert_typed(item: Item) -> None:
    """What is to be typed is a sentence, or commands that their programs take as they stand."""
    if not item.fix.endswith("."):
        for command in commands(item.fix):
            READERS[command[0]](command)


@pytest.mark.parametrize("ways", groups(), ids=lambda ways: f"{len(ways)} ways")
def test_what_is_broken_is_named_and_nothing_else(stack: Deployed, ways: list[str]) -> None:
    for way in ways:
        BROKEN[way][1](stack)
    found = {item.name: item for item in check(STACK) if not item.ok}
    assert found.keys() == {BROKEN[way][0] for way in ways}
    for item in found.values():
        assert item.standing == "wrong"
        assert item.found
        assert_typed(item)


def test_every_kind_of_item_is_broken_here(stack: Deployed) -> None:
    kinds = {item.name.partition(" ")[0] for item in check(STACK)} - {"stack"}
    assert kinds == {name.partition(" ")[0] for name, _ in BROKEN.values()}


def test_a_secret_in_secrets_manager_is_right(stack: Deployed) -> None:
    secret_in_secrets_manager(stack, deleted=False)
    assert wrong(check(STACK)) == []


def test_a_topic_of_another_account_is_not_looked_into(stack: Deployed) -> None:
    no_subscription(stack)
    theirs = stack.topic.replace(ACCOUNT, "999988887777")
    for logical, name in stack.physical.items():
        if stack.kinds[logical] == "AWS::CloudWatch::Alarm":
            stack.alarm(name, theirs)
    assert wrong(check(STACK)) == []


def test_without_the_stack_there_is_one_item(stack: Deployed) -> None:
    [item] = check("another")
    assert (item.name, item.ok) == ("stack", False)


def test_what_may_not_be_read_is_unknown(stack: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = stack.answer

    def refuse(operation: str, request: dict[str, object]) -> object:
        if operation == "DescribeRule":
            error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise ClientError(error, operation)
        return answer(operation, request)

    monkeypatch.setattr(stack, "answer", refuse)
    items = [item for item in check(STACK) if not item.ok]
    assert {item.name for item in items} == {f"rule {each}" for each in RULES}
    assert {item.standing for item in items} == {"unknown"}


@pytest.mark.parametrize("value", ["true", "false"])
def test_the_rule_for_our_alarms_may_be_off_only_if_the_stack_says_so(
    stack: Deployed, value: str
) -> None:
    stack.parameters["AlarmsToDestinations"] = value
    rule(stack, "DeliveryFunctionOwnAlarms", "disable_rule")
    off = [] if value == "false" else ["rule DeliveryFunctionOwnAlarms"]
    assert wrong(check(STACK)) == off
    rule(stack, TRAFFIC, "disable_rule")
    assert "rule TrafficRule" in wrong(check(STACK))


def test_the_rules_that_are_checked_are_those_of_the_template() -> None:
    assert RULES.keys() == resources("AWS::Events::Rule").keys()
