"""The changes function: what it takes, what it raises, where that goes."""

import json
import logging
from collections.abc import Callable

import pytest

from registrywatch.errors import StoreError, UnreadableInput
from tests.aws.conftest import Account, Door, again, batch
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0

Doors = Callable[[str], Door]


@pytest.fixture
def changes(door: Doors, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Events of the builders lie in the future; the detector takes its clock from here."""
    monkeypatch.setattr("functions.aws.wiring.clock", lambda: T0 + 60)
    return door("changes")


def test_a_change_that_a_rule_minds_becomes_an_alert_on_the_queue(
    changes: Door, account: Account
) -> None:
    changes(ct.eventbridge(ct.delete_repository(force=True)))
    [alert] = account.alerts()
    assert alert["rule"] == "ecr-forced-repository-deletion"
    assert alert["severity"] == "high"


def test_a_change_that_no_rule_minds_becomes_nothing(changes: Door, account: Account) -> None:
    assert changes(ct.eventbridge(ct.set_mutability("IMMUTABLE"))) == {"records": 1, "events": 1}
    assert account.alerts() == []


def test_a_service_event_is_taken(changes: Door, account: Account) -> None:
    changes(ct.eventbridge(ct.expire_images(*map(ct.digest, range(40)))))
    [alert] = account.alerts()
    assert (alert["rule"], alert["severity"]) == ("ecr-images-deleted", "low")


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(lambda record: record, id="the bare record"),
        pytest.param(ct.eventbridge, id="an EventBridge event"),
        pytest.param(lambda record: [ct.eventbridge(record)], id="an array"),
        pytest.param(lambda record: ct.log_file(record), id="a log file"),
        pytest.param(lambda record: ct.looked_up(record), id="lookup-events"),
    ],
)
def test_a_person_may_send_any_form_of_a_record(
    envelope: Callable[[ct.Json], object], changes: Door, account: Account
) -> None:
    changes(envelope(ct.delete_repository(force=True)))
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-forced-repository-deletion"]


def test_the_same_event_in_another_envelope_is_the_same_alert(
    changes: Door, account: Account
) -> None:
    record = ct.delete_repository(force=True)
    changes(record)
    changes(ct.eventbridge(record))
    assert len({alert["id"] for alert in account.alerts()}) == 1


@pytest.mark.parametrize("strange", [{}, [], None, "text", 7, {"key1": "value1"}])
def test_anything_else_is_an_error_that_says_what_was_expected(
    strange: object, changes: Door
) -> None:
    with pytest.raises(UnreadableInput, match="expected an "):
        changes(strange)


def test_half_a_character_is_an_error_and_no_crash(changes: Door) -> None:
    event = ct.eventbridge(ct.delete_repository("\ud800"))
    with pytest.raises(UnreadableInput, match="an unpaired surrogate"):
        changes(event)


def test_one_bad_record_harms_no_other(changes: Door, account: Account) -> None:
    bad = {**ct.set_mutability("MUTABLE"), "eventTime": "yesterday"}
    with pytest.raises(UnreadableInput, match="PutImageTagMutability"):
        changes([bad, ct.delete_repository(force=True)])
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-forced-repository-deletion"]


def test_what_is_counted_counts_here_too(
    changes: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.aws.wiring.clock", lambda: T0 + 60)
    fresh = changes.module.wiring.detector(
        changes.module.settings, changes.module.detector._hand_over, changes.module.deadline
    )
    monkeypatch.setattr(changes.module, "detector", fresh)
    changes(ct.pull(*map(ct.digest, range(100))))
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-excessive-image-pull"]


def test_a_new_worker_knows_the_last_scanning_configuration(
    changes: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning = [
        ct.set_registry_scanning(kind, ("SCAN_ON_PUSH", "*"), at=T0 + at)
        for at, kind in enumerate(("ENHANCED", "BASIC"))
    ]
    changes(ct.eventbridge(scanning[0]))
    fresh = changes.module.wiring.detector(
        changes.module.settings, changes.module.detector._hand_over, changes.module.deadline
    )
    monkeypatch.setattr(changes.module, "detector", fresh)
    changes(ct.eventbridge(scanning[1]))
    assert [alert["severity"] for alert in account.alerts()] == ["medium"]


def test_the_retry_queue_s_batch_fails_message_by_message(changes: Door, account: Account) -> None:
    deletion = ct.eventbridge(ct.delete_repository(force=True))
    assert again(changes(batch(deletion, "not JSON"))) == []
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-forced-repository-deletion"]
    [(body, reason)] = account.parked()
    assert body == "not JSON"
    assert "not JSON" in reason


def test_the_retry_queue_brings_what_lambda_and_eventbridge_gave_up(
    changes: Door, account: Account
) -> None:
    """Lambda puts its record of the failure there, EventBridge the event itself."""
    failed = {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": ct.eventbridge(ct.delete_repository("team/a")),
        "responsePayload": {"errorType": "StoreError", "errorMessage": "no answer"},
    }
    undelivered = ct.eventbridge(ct.delete_repository("team/b"))
    assert again(changes(batch(failed, undelivered))) == []
    assert sorted(alert["repository"] for alert in account.alerts()) == ["team/a", "team/b"]
    assert account.parked() == []


@pytest.mark.parametrize("records", [[{}], [{"a": 1}, {"b": 2}], [{"Sns": {"Message": "x"}}]])
def test_records_of_which_none_is_understood_are_refused(
    records: list[ct.Json], changes: Door, account: Account
) -> None:
    with pytest.raises(UnreadableInput, match="not understood"):
        changes({"Records": records})
    assert again(changes(batch({"Records": records}))) == []
    assert len(account.parked()) == len(records)


def test_an_alert_that_the_queue_does_not_take_fails_the_event(
    changes: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ct.eventbridge(ct.delete_repository(force=True))
    with monkeypatch.context() as broken:
        broken.setattr("registrywatch.aws.clients._clients", {"sqs": _broken()})
        with pytest.raises(StoreError, match=r"queue alerts-\d+: send_message"):
            changes(event)
    changes(event)
    assert len(account.alerts()) == 1


def _broken() -> object:
    from botocore.exceptions import EndpointConnectionError

    class Client:
        def send_message(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://sqs.invalid")

    return Client()


def test_text_that_sqs_refuses_arrives_all_the_same(changes: Door, account: Account) -> None:
    changes(ct.delete_repository(force=True, agent="a\uffff\U0001f600"))
    [alert] = account.alerts()
    assert alert["actor"]["user_agent"] == "a\uffff\U0001f600"


def test_an_alert_is_one_log_line_that_holds_no_event(
    changes: Door, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    changes(ct.eventbridge(ct.set_policy(ct.allow("ecr:*", to="*"), agent="an-agent")))
    [handler] = logging.getLogger("changes").handlers
    [line] = [handler.format(record) for record in caplog.records if record.name == "changes"]
    told = json.loads(line)
    assert told["message"] == "alert"
    assert told["rule"] == "ecr-repository-policy-applied"
    assert told["severity"] == "critical"
    assert told["destinations"] == 1
    assert "an-agent" not in line
    assert "Statement" not in line
    counted = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (counted["Events"], counted["Alerts"], counted["service"]) == ([1.0], [1.0], "changes")
