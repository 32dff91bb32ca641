"""From an EventBridge event to an alert, by the built functions in Lambda's runtime."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.builders import cloudtrail as ct
from tests.integration.aws.lambda_runtime import FunctionError
from tests.integration.aws.receiver import receiver
from tests.integration.aws.stack import Stack

pytestmark = pytest.mark.real

NewStack = Callable[[], AbstractContextManager[Stack]]


def pulls(number: int, **more: Any) -> list[str]:
    """Pulls of as many images by their tags, just now."""
    now = time.time()
    return [
        json.dumps(ct.eventbridge(ct.pull(f"v{each}", at=now, **more))) for each in range(number)
    ]


def test_a_change_becomes_an_alert_on_the_queue(stack: Stack) -> None:
    changes = stack.function("ChangesFunction")
    assert changes(ct.eventbridge(ct.set_mutability("IMMUTABLE"))) == {"records": 1, "events": 1}
    assert stack.alerts() == []
    changes(ct.eventbridge(ct.delete_repository(force=True)))
    [alert] = stack.alerts()
    assert alert["rule"] == "ecr-forced-repository-deletion"
    [told] = [line for line in changes.logged() if line.get("message") == "alert"]
    assert told["alert"] == alert["id"]


def test_what_is_no_event_fails_and_says_why(stack: Stack) -> None:
    changes = stack.function("ChangesFunction")
    with pytest.raises(FunctionError, match="UnreadableInput: not understood: expected"):
        changes({"key1": "value1"})


def test_pulls_are_counted_in_dynamodb_over_batches_and_workers(
    stack: Stack, new_stack: NewStack
) -> None:
    bodies = pulls(120)
    assert stack.batch("TrafficFunction", bodies[:60]) == []
    assert stack.alerts() == []
    with new_stack() as other:  # another worker on the same table and queues
        other.environment |= {
            name: value
            for name, value in stack.environment.items()
            if name.startswith("REGISTRYWATCH_")
        }
        assert other.batch("TrafficFunction", bodies[60:]) == []
    [alert] = stack.alerts()
    assert (alert["rule"], alert["count"]) == ("ecr-excessive-image-pull", 120)
    assert stack.batch("TrafficFunction", bodies) == []
    assert stack.alerts() == []


def test_a_batch_of_a_thousand_is_one_alert_for_each_group(stack: Stack) -> None:
    bodies = [body for name in "abcde" for body in pulls(200, by=ct.role(name))]
    assert stack.batch("TrafficFunction", bodies) == []
    assert sorted(alert["actor"]["name"] for alert in stack.alerts()) == [
        f"{name}/alice" for name in "abcde"
    ]


def test_a_bad_message_is_parked_and_harms_no_other(stack: Stack) -> None:
    assert stack.batch("TrafficFunction", ["not JSON", *pulls(100)]) == []
    [parked] = stack.messages(stack.dead_letters)
    assert parked["Body"] == "not JSON"
    assert "not JSON" in parked["MessageAttributes"]["reason"]["StringValue"]
    assert len(stack.alerts()) == 1


def test_without_its_table_a_batch_comes_again_in_time(stack: Stack) -> None:
    """The function answers well before it is cut off, and nothing is lost."""
    stack.environment["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9"
    began = time.monotonic()
    assert stack.batch("TrafficFunction", ["not JSON", *pulls(2)]) == ["m1", "m2"]
    assert time.monotonic() - began < 60  # the function's timeout in the template
    assert len(stack.messages(stack.dead_letters)) == 1


def test_a_setting_that_can_not_be_used_stops_the_start(stack: Stack) -> None:
    stack.environment["REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD"] = "many"
    with pytest.raises(FunctionError, match="THRESHOLD: 'many' can't be used; it must be"):
        stack.function("TrafficFunction")({})


def test_settings_may_be_one_json_object(stack: Stack) -> None:
    settings = {"REGISTRYWATCH_ECR_FORCED_REPOSITORY_DELETION_SEVERITY": "low"}
    stack.environment["REGISTRYWATCH_CONFIG"] = json.dumps(settings)
    stack.function("ChangesFunction")(ct.delete_repository(force=True))
    assert [alert["severity"] for alert in stack.alerts()] == ["low"]


def test_an_alert_reaches_the_webhook_once(stack: Stack) -> None:
    with receiver() as webhook:
        stack.environment["REGISTRYWATCH_WEBHOOK_URL"] = webhook.url
        stack.function("ChangesFunction")(ct.eventbridge(ct.delete_repository(force=True)))
        [on_queue] = stack.messages(stack.alert_queue)
        assert stack.batch("DeliveryFunction", [on_queue["Body"]] * 2) == []
        [body] = webhook.bodies
    assert json.loads(body)["rule"] == "ecr-forced-repository-deletion"
    delivered = stack.function("DeliveryFunction").logged()
    results = [line["result"] for line in delivered if line.get("message") == "delivery"]
    assert sorted(results) == ["delivered", "duplicate"]
