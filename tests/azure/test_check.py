"""The self-check on Azure: a deployment with one thing broken names exactly that thing."""

from collections.abc import Callable, Sequence

import msgspec
import pytest
import requests

from registrywatch.azure import names
from registrywatch.azure.arm import Arm
from registrywatch.azure.check import Deployment, check
from registrywatch.checks import Item
from registrywatch.errors import StoreError
from registrywatch.times import rfc3339
from tests.azure.given import FREE, PLANS, plan
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.azure import SUBSCRIPTION, registry_id
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/registrywatch"
APP = f"{GROUP}/providers/Microsoft.Web/sites/registrywatch-x1"
NAMESPACE = f"{GROUP}/providers/Microsoft.EventHub/namespaces/registrywatch-x1"
TOPIC = f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/registrywatch-example"
CHANGES = f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/registrywatch-subscription"
ACTIVITY = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/rw"
SETTINGS = f"{registry_id()}/providers/Microsoft.Insights/diagnosticSettings"
ASSIGNMENTS = f"{GROUP.lower()}/providers/Microsoft.Authorization/roleAssignments"
METRICS = f"{NAMESPACE}/providers/Microsoft.Insights/metrics"
HUB = f"{NAMESPACE}/eventhubs/{names.EVENT_HUB}"
ALARM_HUB = f"{NAMESPACE}/eventhubs/{names.ALARM_HUB}"
SENDER = f"{NAMESPACE}/authorizationRules/diagnostic-settings"
ALERT_RULES = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
ACTION_GROUPS = f"{GROUP}/providers/Microsoft.Insights/actionGroups"
HOUR = 3600

DEPLOYMENT = Deployment((registry_id(),), (TOPIC, CHANGES, ACTIVITY), NAMESPACE, APP, "p-1")
IMAGES = {
    "includedEventTypes": [
        "Microsoft.ContainerRegistry.ImagePushed",
        "Microsoft.ContainerRegistry.ImageDeleted",
    ]
}
OPERATIONS = [
    "Microsoft.Security/pricings/write",
    "Microsoft.ContainerRegistry/registries/write",
    "Microsoft.ContainerRegistry/registries/delete",
    "Microsoft.Insights/diagnosticSettings/delete",
    "Microsoft.EventGrid/systemTopics/delete",
]


def changes(*operations: str) -> Json:
    return {
        "includedEventTypes": [
            "Microsoft.Resources.ResourceWriteSuccess",
            "Microsoft.Resources.ResourceDeleteSuccess",
        ],
        "advancedFilters": [{"operatorType": "StringIn", "values": list(operations)}],
    }


def subscription(passes: Json, *, app: str = APP, state: str = "Succeeded") -> Json:
    return {
        "properties": {
            "provisioningState": state,
            "destination": {
                "endpointType": "AzureFunction",
                "properties": {"resourceId": f"{app}/functions/event_grid"},
            },
            "filter": passes,
        }
    }


def setting(category: str, *, to: str = NAMESPACE, hub: str = names.EVENT_HUB) -> Json:
    return {
        "name": "rw",
        "properties": {
            "eventHubAuthorizationRuleId": f"{to}/authorizationRules/diagnostic-settings",
            "eventHubName": hub,
            "logs": [{"category": category, "enabled": True}],
        },
    }


def published(*functions: str, disabled: str = "") -> Json:
    return {
        "value": [
            {"name": f"registrywatch-x1/{each}", "properties": {"isDisabled": each == disabled}}
            for each in functions
        ]
    }


def assigned(*roles: str) -> Json:
    definition = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
    return {"value": [{"properties": {"roleDefinitionId": definition + each}} for each in roles]}


def arrived(*hours_ago: float, read: Sequence[float] | None = None) -> Json:
    """Messages of the registries' hub, and those that were read (by default all of them).

    Alarms of our own, which are no events, arrived just now.
    """
    of = {"IncomingMessages": hours_ago, "OutgoingMessages": hours_ago if read is None else read}
    return {
        "value": [
            {
                "name": {"value": metric},
                "timeseries": [series(names.EVENT_HUB, *hours), series(names.ALARM_HUB, 0.5)],
            }
            for metric, hours in of.items()
        ]
    }


def series(hub: str, *hours_ago: float) -> Json:
    data = [{"timeStamp": rfc3339(T0 - each * HOUR), "total": 2.0} for each in hours_ago]
    return {
        "metadatavalues": [{"name": {"value": "entityname"}, "value": hub}],
        "data": [*data, {"timeStamp": rfc3339(T0)}],
    }


class Letters(msgspec.Struct):
    """A dead-letter queue."""

    name: str
    messages: int = 0
    fails: bool = False

    def depth(self) -> int:
        if self.fails:
            raise StoreError("queue: does not answer")
        return self.messages


class Azure:
    """A deployment that is as it should be; `stub` is what Azure Resource Manager answers."""

    def __init__(self, stub: HttpStub) -> None:
        self.stub = stub
        self.letters = [Letters(name) for name in names.DEAD_LETTERS]
        for path, answer in {
            SETTINGS: {"value": [setting("ContainerRegistryRepositoryEvents")]},
            f"{TOPIC}/eventSubscriptions": {"value": [subscription(IMAGES)]},
            f"{CHANGES}/eventSubscriptions": {"value": [subscription(changes(*OPERATIONS))]},
            ACTIVITY: setting("Administrative"),
            APP: {"properties": {"state": "Running"}},
            f"{APP}/functions": published(*names.FUNCTIONS),
            ASSIGNMENTS: assigned(*names.ROLES),
            f"{PLANS}/Containers": plan(),
            f"{PLANS}/CloudPosture": FREE,
            METRICS: arrived(0.5, 1, 2, 3),
            ALERT_RULES: {"value": [{"name": "silent", "properties": {"enabled": True}}]},
            ACTION_GROUPS: {"value": [{"properties": {"emailReceivers": [{"name": "me"}]}}]},
            NAMESPACE: {"properties": {"disableLocalAuth": False, "status": "Active"}},
            HUB: {"properties": {"status": "Active"}},
            ALARM_HUB: {"properties": {"status": "Active"}},
            SENDER: {"properties": {"rights": ["Listen", "Manage", "Send"]}},
        }.items():
            stub.answers(path, answer)

    def check(self) -> tuple[Item, ...]:
        arm = Arm(requests.Session(), lambda: "token", self.stub.url, sleep=lambda _: None)
        return check(DEPLOYMENT, arm, self.letters, lambda: T0)

    def answers(self, path: str, answer: Json | int) -> None:
        self.stub.answers(path, answer)


@pytest.fixture
def deployed(azure: HttpStub) -> Azure:
    return Azure(azure)


Break = Callable[[Azure], object]


def answer(path: str, given: Json | int) -> Break:
    return lambda deployed: deployed.answers(path, given)


def letters(deployed: Azure) -> None:
    deployed.letters[0].messages = 3


def other(*subscriptions: Json) -> Json:
    return {"value": list(subscriptions)}


IN_TOPIC, IN_CHANGES = f"{TOPIC}/eventSubscriptions", f"{CHANGES}/eventSubscriptions"
FIRST, *REST = names.FUNCTIONS
ROLE, *ROLES = names.ROLES

BROKEN: dict[str, tuple[str, Break]] = {
    "no setting": ("diagnostic setting example", answer(SETTINGS, {"value": []})),
    "another hub": (
        "diagnostic setting example",
        answer(SETTINGS, {"value": [setting("ContainerRegistryRepositoryEvents", hub="x")]}),
    ),
    "another category": (
        "diagnostic setting example",
        answer(SETTINGS, {"value": [setting("ContainerRegistryLoginEvents")]}),
    ),
    "topic gone": ("feed registrywatch-example", answer(IN_TOPIC, 404)),
    "no subscription": ("feed registrywatch-example", answer(IN_TOPIC, other())),
    "to another app": (
        "feed registrywatch-example",
        answer(IN_TOPIC, other(subscription(IMAGES, app=f"{APP}-of-mallory"))),
    ),
    "subscription failed": (
        "feed registrywatch-example",
        answer(IN_TOPIC, other(subscription(IMAGES, state="Failed"))),
    ),
    "pushes alone": (
        "feed registrywatch-example",
        answer(
            IN_TOPIC,
            other(subscription({"includedEventTypes": IMAGES["includedEventTypes"][:1]})),
        ),
    ),
    "one repository alone": (
        "feed registrywatch-example",
        answer(IN_TOPIC, other(subscription({**IMAGES, "subjectBeginsWith": "quiet"}))),
    ),
    "fewer operations": (
        "feed registrywatch-subscription",
        answer(IN_CHANGES, other(subscription(changes(*OPERATIONS[1:])))),
    ),
    "activity log gone": ("activity log rw", answer(ACTIVITY, 404)),
    "activity log elsewhere": (
        "activity log rw",
        answer(ACTIVITY, setting("Administrative", to=f"{NAMESPACE}-of-mallory")),
    ),
    "activity log without changes": ("activity log rw", answer(ACTIVITY, setting("Policy"))),
    "namespace gone": ("event hub", answer(NAMESPACE, 404)),
    "namespace without keys": (
        "event hub",
        answer(NAMESPACE, {"properties": {"disableLocalAuth": True}}),
    ),
    "namespace closed": (
        "event hub",
        answer(NAMESPACE, {"properties": {"publicNetworkAccess": "Disabled"}}),
    ),
    "hub gone": ("event hub", answer(HUB, 404)),
    "hub of alarms gone": ("event hub", answer(ALARM_HUB, 404)),
    "hub that takes nothing": (
        "event hub",
        answer(HUB, {"properties": {"status": "SendDisabled"}}),
    ),
    "rule gone": ("event hub", answer(SENDER, 404)),
    "rule that may only listen": (
        "event hub",
        answer(SENDER, {"properties": {"rights": ["Listen"]}}),
    ),
    "app gone": ("function app", answer(APP, 404)),
    "app stopped": ("function app", answer(APP, {"properties": {"state": "Stopped"}})),
    "function missing": (f"function {FIRST}", answer(f"{APP}/functions", published(*REST))),
    "function disabled": (
        "function event_hub",
        answer(f"{APP}/functions", published(*names.FUNCTIONS, disabled="event_hub")),
    ),
    "role missing": ("rights", answer(ASSIGNMENTS, assigned(*ROLES))),
    "no alert rules": ("alarms", answer(ALERT_RULES, {"value": []})),
    "alert rule disabled": (
        "alarms",
        answer(ALERT_RULES, {"value": [{"name": "silent", "properties": {"enabled": False}}]}),
    ),
    "action group without a receiver": (
        "alarms",
        answer(ACTION_GROUPS, {"value": [{"properties": {"emailReceivers": []}}]}),
    ),
    "action group disabled": (
        "alarms",
        answer(
            ACTION_GROUPS,
            {"value": [{"properties": {"enabled": False, "emailReceivers": [{"name": "me"}]}}]},
        ),
    ),
    "action group gone": ("alarms", answer(ACTION_GROUPS, 404)),
    "silence": ("arrivals", answer(METRICS, arrived(50, 51, 52))),
    "messages that nobody reads": (
        "arrivals",
        answer(METRICS, arrived(0.5, 1, 2, 3, 5, read=(5,))),
    ),
    "dead letters": (f"dead letters {names.DEAD_LETTERS[0]}", letters),
}


def test_a_deployment_as_it_should_be_is_right_in_every_item(deployed: Azure) -> None:
    items = deployed.check()
    assert [item for item in items if not item.ok] == []
    assert len({item.name for item in items}) == len(items) > 15


@pytest.mark.parametrize(("name", "breaks"), BROKEN.values(), ids=BROKEN)
def test_one_thing_broken_is_named_and_nothing_else(
    deployed: Azure, name: str, breaks: Break
) -> None:
    breaks(deployed)
    [item] = [item for item in deployed.check() if not item.ok]
    assert (item.name, item.standing) == (name, "wrong")
    assert item.found
    assert item.fix


UNREADABLE = {
    "diagnostic setting example": SETTINGS,
    "feed registrywatch-example": IN_TOPIC,
    "activity log rw": ACTIVITY,
    "event hub": NAMESPACE,
    "function app": APP,
    "rights": ASSIGNMENTS,
    "alarms": ALERT_RULES,
    "plans of example": f"{PLANS}/Containers",
    "arrivals": METRICS,
}


@pytest.mark.parametrize(("name", "path"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_may_not_be_read_is_unknown(deployed: Azure, name: str, path: str) -> None:
    deployed.answers(path, 403)
    [item] = [item for item in deployed.check() if not item.ok]
    assert (item.name, item.standing) == (name, "unknown")


@pytest.mark.parametrize(
    ("messages", "read"),
    [((0.5, 3), (2.5,)), ((0.5,), ()), ((1.1, 6), (5,)), ((3,), (3,))],
    ids=["read in the next hour", "just arrived", "too early to say", "read in the same hour"],
)
def test_messages_that_may_have_been_read_are_no_fault(
    deployed: Azure, messages: Sequence[float], read: Sequence[float]
) -> None:
    deployed.answers(METRICS, arrived(*messages, read=read))
    assert [item for item in deployed.check() if not item.ok] == []


def test_a_count_that_is_not_given_says_nothing(deployed: Azure) -> None:
    deployed.answers(METRICS, {"value": arrived(0.5, 1, 2, 3)["value"][:1]})
    assert [item for item in deployed.check() if not item.ok] == []


def test_a_queue_that_does_not_answer_is_unknown(deployed: Azure) -> None:
    deployed.letters[0].fails = True
    [item] = [item for item in deployed.check() if not item.ok]
    assert (item.name, item.standing) == (f"dead letters {names.DEAD_LETTERS[0]}", "unknown")


def test_every_kind_of_item_is_broken_here(deployed: Azure) -> None:
    kinds = {item.name.partition(" ")[0] for item in deployed.check()}
    broken = {name.partition(" ")[0] for name, _ in BROKEN.values()}
    assert kinds == broken | {name.partition(" ")[0] for name in UNREADABLE}


def test_it_asks_for_the_identity_s_own_roles(deployed: Azure) -> None:
    deployed.check()
    [asked] = [each for each in deployed.stub.asked if each.path == ASSIGNMENTS]
    assert asked.query["$filter"] == "principalId eq 'p-1'"


def test_it_only_reads(deployed: Azure) -> None:
    deployed.check()
    assert {each.method for each in deployed.stub.asked} == {"GET"}


@pytest.mark.parametrize("odd", [{}, {"value": None}, {"value": [None]}, {"value": [{"x": 1}]}])
def test_an_odd_answer_breaks_no_other_item(deployed: Azure, odd: Json) -> None:
    for path in (SETTINGS, IN_TOPIC, ACTIVITY, f"{APP}/functions", ASSIGNMENTS, METRICS):
        deployed.answers(path, Answer(body=odd))  # type: ignore[arg-type]
    assert {item.name for item in deployed.check() if item.ok} >= {"function app"}
