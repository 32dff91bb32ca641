"""Through a deployed chain: `check --send-test` and `test-alert --deployed`, on the real functions.

On AWS the functions run as Lambda runs them, over moto's queues and table; on Azure the triggers'
code runs over queues and tables in memory. What a queue's poller does, a pump does here.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
import requests

from functions.azure import triggers
from functions.azure.intake import Intake
from registrywatch.alerts import Alert
from registrywatch.azure.parked_queue import Parking
from registrywatch.checks.arrivals import Arrivals
from registrywatch.cli import main, send_test
from registrywatch.cli import test_alert as command
from registrywatch.cli.deployed import aws as on_aws
from registrywatch.cli.deployed import azure as on_azure
from registrywatch.cli.deployed import waiting
from registrywatch.cli.deployed.deployment import Deployment
from registrywatch.delivery import AlertQueue, AlertSender, Courier, SecretStore
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.errors import SettingsError, StoreError
from registrywatch.rows import MemoryRows
from registrywatch.sdk import azure_identity
from registrywatch.settings import parse
from tests.aws.conftest import Door, batch, door  # noqa: F401 - door is a fixture
from tests.aws.deployed import STACK, Deployed, deployed
from tests.azure.http_stub import HttpStub, http_stub
from tests.builders.azure import SUBSCRIPTION, registry_id
from tests.builders.clock import T0
from tests.builders.detecting import detector
from tests.builders.moto import aws_in_memory
from tests.delivery.misbehaving import answer, serving

Captured = pytest.CaptureFixture[str]
KEY = "k" * 32
APP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rw/providers/Microsoft.Web/sites/rw-app"


class Clock:
    """Time that passes in sleeping, and what happens meanwhile."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self.now = T0
        self._meanwhile = meanwhile

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._meanwhile()


# AWS


class Stack:
    """The stack in moto; `work` lets its functions handle what lies on their queues."""

    def __init__(self, made: Deployed, doors: Callable[[str], Door]) -> None:
        self.made, self.doors = made, cache(doors)
        self._answer, made.answer = made.answer, self.answer  # type: ignore[method-assign]
        self.invoked: list[Any] = []
        self.works = True

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
        if operation == "Invoke":
            self.invoked.append(json.loads(request["Payload"]))
            return {"StatusCode": 202}
        return self._answer(operation, request)

    def work(self) -> None:
        if not self.works:
            return
        while self.invoked:
            self.doors("changes")(self.invoked.pop(0))
        sqs, url = self.made.client("sqs"), self.made.physical["AlertQueue"]
        while got := sqs.receive_message(QueueUrl=url).get("Messages"):
            for message in got:
                assert self.doors("deliver")(batch(message["Body"])) == {"batchItemFailures": []}
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def stack(
    monkeypatch: pytest.MonkeyPatch,
    door: Callable[[str], Door],  # noqa: F811
) -> Iterator[Stack]:
    with aws_in_memory(), deployed(monkeypatch) as made:
        monkeypatch.setenv("REGISTRYWATCH_TABLE", made.physical["Table"])
        monkeypatch.setenv("REGISTRYWATCH_ALERT_QUEUE", made.physical["AlertQueue"])
        monkeypatch.setenv("REGISTRYWATCH_DEAD_LETTER_QUEUE", made.physical["AlertDeadLetterQueue"])
        yield Stack(made, door)


@pytest.fixture
def account() -> None:
    """The doors' own account is not used: the stack names its table and queues."""


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], Clock]:
    """Let the commands wait on a clock of the test's own."""

    def clocked(meanwhile: Callable[[], object]) -> Clock:
        clock = Clock(meanwhile)

        def waited(deployment: Deployment, alert: Any, to: Any, *_: Any) -> Any:
            return real(deployment, alert, to, clock, clock.sleep)

        real = waiting.waited
        monkeypatch.setattr(waiting, "waited", waited)
        return clock

    return clocked


def configured(stack: Stack, monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """The settings of the functions, and of the processes that they run in."""
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    for logical in ("ChangesFunction", "DeliveryFunction"):
        stack.made.client("lambda").update_function_configuration(
            FunctionName=stack.made.physical[logical], Environment={"Variables": variables}
        )


def said(capsys: Captured) -> list[str]:
    """What the command printed, without what the functions log and moto says of Docker."""
    others = ("{", "WARNING - ", "<class ")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if not line.startswith(others)]


def events(bodies: list[bytes]) -> list[tuple[str, str]]:
    """What PagerDuty was sent."""
    parts = [msgspec.json.decode(each.partition(b"\r\n\r\n")[2]) for each in bodies]
    return [(each["event_action"], each["dedup_key"]) for each in parts]


def test_with_canary_the_alias_is_invoked_as_events_invoke_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with aws_in_memory(), deployed(monkeypatch, canary=True) as made:
        invoked = []
        answered = made.answer

        def answer(operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
            if operation != "Invoke":
                return answered(operation, request)
            invoked.append(request["FunctionName"])
            return {"StatusCode": 202}

        monkeypatch.setattr(made, "answer", answer)
        on_aws.deployed(STACK).give(b"{}")
        assert invoked == [made.physical["ChangesAlias"]]
        assert invoked[0].endswith(":live")


def test_a_marked_event_goes_through_the_functions_of_the_stack(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any
) -> None:
    with serving(answer("200 OK")) as hook, serving(answer("202 OK")) as pagerduty:
        configured(
            stack,
            monkeypatch,
            REGISTRYWATCH_WEBHOOK_URL=hook.url,
            REGISTRYWATCH_PAGERDUTY_ROUTING_KEY=KEY,
            REGISTRYWATCH_PAGERDUTY_URL=pagerduty.url,
        )
        clock = clocked(stack.work)
        items = send_test.send_test(on_aws.deployed(STACK), clock, clock.sleep)
        stack.work()
        assert len(hook.requests) == 1
        (opened, key), (closed, same) = events(pagerduty.requests)
    found = {item.name: (item.standing, item.found) for item in items}
    assert found == {
        "send test webhook": ("right", "delivered within 3 seconds"),
        "send test pagerduty": (
            "right",
            "delivered within 3 seconds; its incident is being resolved",
        ),
    }
    assert (opened, closed, key == same) == ("trigger", "resolve", True)


def test_a_test_alert_is_addressed_and_delivered_by_the_functions_of_the_stack(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    with serving(answer("200 OK")) as hook, serving(answer("403 No", b"bad")) as slack:
        configured(
            stack,
            monkeypatch,
            REGISTRYWATCH_WEBHOOK_URL=hook.url,
            REGISTRYWATCH_SLACK_WEBHOOK_URL=slack.url,
            REGISTRYWATCH_TEAMS_WEBHOOK_URL=slack.url,
            REGISTRYWATCH_TEAMS_MIN_SEVERITY="critical",
        )
        clocked(stack.work)
        assert main(["test-alert", "--deployed", "aws"]) == 1
        [body] = hook.requests
    lines = said(capsys)
    assert "ok    webhook: delivered within 3 seconds" in lines
    assert "ok    teams: it takes no high alert of ecr-images-deleted" in lines
    dead = (
        "FAILED  slack: not delivered within 120 seconds: it is in the dead-letter queue: slack: "
    )
    assert any(line.startswith(dead) and "403" in line for line in lines)
    assert b"Test: Images Within a Repository Deleted" in body


def test_it_goes_to_one_destination_alone_whatever_its_lowest_severity(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    with serving(answer("200 OK")) as hook, serving(answer("200 OK")) as teams:
        configured(
            stack,
            monkeypatch,
            REGISTRYWATCH_WEBHOOK_URL=hook.url,
            REGISTRYWATCH_TEAMS_WEBHOOK_URL=teams.url,
            REGISTRYWATCH_TEAMS_MIN_SEVERITY="critical",
        )
        clocked(stack.work)
        assert main(["test-alert", "--deployed", "aws", "--to", "teams"]) == 0
        assert (len(hook.requests), len(teams.requests)) == (0, 1)
    assert said(capsys) == ["ok    teams: delivered within 3 seconds"]


def test_what_nobody_takes_is_said_to_be_there_still(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    configured(stack, monkeypatch, REGISTRYWATCH_SLACK_WEBHOOK_URL="https://hooks.example.com/x")
    stack.works = False
    clocked(stack.work)
    assert main(["test-alert", "--deployed", "aws"]) == 1
    assert "delivery has not taken it from the alert queue" in capsys.readouterr().out


def test_what_waits_for_another_attempt_is_said_to_wait(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    with serving(answer("503 No")) as slack:
        configured(stack, monkeypatch, REGISTRYWATCH_SLACK_WEBHOOK_URL=slack.url)
        clocked(stack.work)
        assert main(["test-alert", "--deployed", "aws"]) == 1
    assert "it is on the alert queue and waits for the next attempt" in capsys.readouterr().out


def test_a_second_test_alert_is_folded_and_says_so(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    with serving(answer("200 OK")) as slack:
        configured(stack, monkeypatch, REGISTRYWATCH_SLACK_WEBHOOK_URL=slack.url)
        clocked(stack.work)
        assert main(["test-alert", "--deployed", "aws"]) == 0
        monkeypatch.setattr(command, "this_moment", lambda: "2026-08-01T09:00:00Z")
        assert main(["test-alert", "--deployed", "aws"]) == 0
        assert len(slack.requests) == 1
    assert "it will be in a follow-up" in capsys.readouterr().out


def test_without_the_stack_it_says_so(stack: Stack, capsys: Captured) -> None:
    assert main(["test-alert", "--deployed", "aws", "--stack", "other"]) == 1
    assert "there is no stack other" in capsys.readouterr().err


def test_an_unknown_destination_is_wrong_usage(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(stack, monkeypatch, REGISTRYWATCH_SLACK_WEBHOOK_URL="https://hooks.example.com/x")
    with pytest.raises(SystemExit) as caught:
        main(["test-alert", "--deployed", "aws", "--to", "telex"])
    assert caught.value.code == 2


# Azure


class Texts:
    """A queue in memory."""

    longest = 48_000

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, text: str, delay_seconds: int = 0) -> None:
        self.texts.append(text)

    def letters(self, before: float) -> Iterator[list[Any]]:
        class Letter(msgspec.Struct):
            id: str
            body: str
            sent: float

        yield [Letter(str(at), text, before) for at, text in enumerate(self.texts)]

    def remove(self, letters: Any) -> None:
        assert not letters

    def release(self, letters: Any) -> None: ...


class App:
    """What the triggers use of the app, over a ledger and queues in memory."""

    def __init__(self, environ: dict[str, str]) -> None:
        to = parse(environ).destinations
        self.alerts, self.poison, self.ledger = Texts(), Texts(), MemoryLedger()
        alerts = AlertQueue(self.alerts, self.poison, Texts.longest)
        self.courier = Courier(to, self.ledger, alerts, SecretStore())
        send = AlertSender(to, self.alerts, Texts.longest)

        def hand_over(alert: Alert) -> None:
            send(alert)

        detect = detector(
            hand_over, {"OWN_RESOURCES": environ["REGISTRYWATCH_OWN_RESOURCES"]}
        ).detect
        self.intake = Intake(detect, Parking(Texts()), Arrivals(MemoryRows(), lambda: T0))

    def work(self) -> None:
        while self.alerts.texts:
            triggers.deliver(self.alerts.texts.pop(0))


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpStub]:
    """Resource Manager, and an identity that every token is given to."""

    class Anybody:
        def get_token(self, *_: str, **__: object) -> object:
            return type("Token", (), {"token": "token"})()

    monkeypatch.setitem(azure_identity._identities, None, Anybody())
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    with http_stub() as stub:
        monkeypatch.setenv("REGISTRYWATCH_AZURE_RESOURCE_MANAGER", stub.url)
        subscription = {"value": [{"subscriptionId": "other"}, {"subscriptionId": SUBSCRIPTION}]}
        stub.answers("/subscriptions", subscription)
        stub.answers(f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rw", {"id": "g"})
        sites = {"value": [{"id": f"{APP}-of-others"}, {"id": APP}]}
        group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rw"
        stub.answers(f"{group}/providers/Microsoft.Web/sites", sites)
        stub.answers(f"{APP}/config/appsettings/list", {"properties": {}})
        yield stub


def environ_of(arm: HttpStub, **more: str) -> dict[str, str]:
    """What the app has in its environment; Resource Manager says so too."""
    environ = {
        "AzureWebJobsStorage__queueServiceUri": "https://rw.queue.core.windows.net",
        "AzureWebJobsStorage__tableServiceUri": "https://rw.table.core.windows.net",
        "AzureWebJobsStorage__clientId": "the-app-s-own",
        "AZURE_CLIENT_ID": "the-app-s-own",
        "EventHub__fullyQualifiedNamespace": "rw.servicebus.windows.net",
        "REGISTRYWATCH_AZURE_APP": APP,
        "REGISTRYWATCH_AZURE_REGISTRIES": registry_id(),
        "REGISTRYWATCH_AZURE_RESOURCE_MANAGER": arm.url,
        "REGISTRYWATCH_OWN_RESOURCES": "rw",
        **more,
    }
    arm.answers(f"{APP}/config/appsettings/list", {"properties": environ})
    return environ


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, arm: HttpStub) -> Iterator[HttpStub]:
    """The event hub's address leads here."""
    real = requests.post

    def post(url: str, **given: Any) -> Any:
        return real(url.replace("https://rw.servicebus.windows.net", arm.url), **given)

    monkeypatch.setattr(requests, "post", post)
    arm.answers("/registry-logs/messages", 201)
    yield arm


def connected(monkeypatch: pytest.MonkeyPatch, app: App) -> None:
    """The deployment's ledger and queues are those of the app in memory."""
    real = on_azure.deployed

    def deployed(environ: Any) -> Deployment:
        return msgspec.structs.replace(
            real(environ), ledger=app.ledger, queue=app.alerts, dead_letters=app.poison
        )

    monkeypatch.setattr(on_azure, "deployed", deployed)
    monkeypatch.setattr(triggers, "app", lambda: app)


def test_the_environment_is_the_app_s_without_its_identity(arm: HttpStub) -> None:
    environ_of(arm)
    found = on_azure.environment("rw", None)
    assert found["REGISTRYWATCH_AZURE_APP"] == APP
    assert not {"AZURE_CLIENT_ID", "AzureWebJobsStorage__clientId"} & found.keys()
    assert arm.asked[-1].method == "POST"


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("nowhere", "no subscription .* has a resource group nowhere"),
        ("rw", "no function app of registrywatch"),
    ],
)
def test_a_group_without_a_deployment_is_wrong_usage(arm: HttpStub, group: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        on_azure.environment(group, None)


def test_a_group_of_two_subscriptions_must_be_told_apart(arm: HttpStub) -> None:
    arm.answers("/subscriptions/other/resourcegroups/rw", {"id": "g"})
    with pytest.raises(SettingsError, match=r"2 subscriptions .* name the one by"):
        on_azure.environment("rw", None)


def test_on_azure_a_marked_event_goes_through_the_event_hub(
    arm: HttpStub, hub: HttpStub, monkeypatch: pytest.MonkeyPatch, clocked: Any
) -> None:
    hub.answers("/hook", {})
    environ = environ_of(arm, REGISTRYWATCH_WEBHOOK_URL=f"{hub.url}/hook")
    app = App(environ)
    connected(monkeypatch, app)

    def work() -> None:
        for body in hub.bodies("/registry-logs/messages"):
            app.intake.take("event-hub", [body])
        app.work()

    clock = clocked(work)
    items = send_test.send_test(on_azure.deployed(environ), clock, clock.sleep)
    assert [(each.name, each.standing) for each in items] == [("send test webhook", "right")]
    [body] = hub.bodies("/hook")
    alert = msgspec.json.decode(body)
    assert alert["rule"] == "acr-monitoring-removed"
    assert alert["severity"] == "high"
    assert "registrywatch check --send-test deleted the action group send-test" in alert["summary"]
    [sent] = [each for each in hub.asked if each.path == "/registry-logs/messages"]
    assert sent.headers["Authorization"] == "Bearer token"


@pytest.mark.parametrize(("status", "said"), [(401, "Azure Event Hubs Data Sender"), (500, "500")])
def test_a_hub_that_refuses_is_an_error(
    arm: HttpStub, hub: HttpStub, status: int, said: str
) -> None:
    hub.answers("/registry-logs/messages", status)
    environ = environ_of(arm, REGISTRYWATCH_WEBHOOK_URL=f"{hub.url}/hook")
    with pytest.raises(StoreError, match=said):
        on_azure.deployed(environ).give(b"{}")


def test_on_azure_a_test_alert_goes_through_the_alert_queue(
    arm: HttpStub, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    arm.answers("/hook", {})
    environ = environ_of(arm, REGISTRYWATCH_WEBHOOK_URL=f"{arm.url}/hook")
    app = App(environ)
    connected(monkeypatch, app)
    clocked(app.work)
    assert main(["test-alert", "--deployed", "azure", "--resource-group", "rw"]) == 0
    assert capsys.readouterr().out == "   ok    webhook: delivered within 3 seconds\n"
    assert len(arm.bodies("/hook")) == 1


def test_on_azure_a_refused_test_alert_lies_in_the_poison_queue(
    arm: HttpStub, monkeypatch: pytest.MonkeyPatch, clocked: Any, capsys: Captured
) -> None:
    arm.answers("/hook", 400)
    app = App(environ_of(arm, REGISTRYWATCH_WEBHOOK_URL=f"{arm.url}/hook"))
    connected(monkeypatch, app)
    clocked(app.work)
    assert main(["test-alert", "--deployed", "azure", "--resource-group", "rw"]) == 1
    assert "it is in the dead-letter queue: webhook: answered 400" in capsys.readouterr().out


def test_the_check_reads_what_was_deployed_from_the_app(
    arm: HttpStub, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGISTRYWATCH_AZURE_REGISTRIES", raising=False)
    environ_of(arm, AzureWebJobsStorage__queueServiceUri="")
    assert main(["check", "azure", "--resource-group", "rw"]) == 1
    assert "plans of example" in capsys.readouterr().out
