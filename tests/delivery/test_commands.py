"""`test-alert` and `show-alert` as they are typed."""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from registrywatch.alerts import Alert, encode
from registrywatch.cli import main
from registrywatch.rules import CATALOGUE
from tests.alerts.test_ocsf import check_is_valid as check_ocsf
from tests.builders.alerts import an_alert
from tests.delivery.destinations.test_slack import check_is_valid as check_slack
from tests.delivery.destinations.test_teams import check_is_valid as check_teams
from tests.delivery.misbehaving import answer, hang, serving


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("REGISTRYWATCH_")]:
        monkeypatch.delenv(name)


class TestTestAlert:
    def test_each_destination_gets_a_marked_sample_and_its_answer_is_shown(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with (
            serving(answer("200 OK", b"ok")) as slack,
            serving(answer("200 OK")) as hook,
            serving(answer("403 No", b"bad")) as bad,
        ):
            monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", slack.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", hook.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_SECRET", "a-signing-key-of-ours")
            monkeypatch.setenv("REGISTRYWATCH_TEAMS_WEBHOOK_URL", bad.url)
            assert main(["test-alert"]) == 1
            assert len(bad.requests) == 1
        shown = capsys.readouterr().out
        assert sorted(shown.splitlines()) == [
            "   ok    slack: answered 200",
            "   ok    webhook: answered 200",
            " FAILED  teams: answered 403: bad",
        ]
        assert "SECRET" not in shown
        [to_slack], [to_hook] = slack.requests, hook.requests
        plain = to_hook.partition(b"\r\n\r\n")
        assert "Test: Images Within a Repository Deleted" in to_slack.decode()
        alert = msgspec.json.decode(plain[2], type=Alert)
        assert alert.title.startswith("Test: ")
        assert alert.summary.startswith("Test, nothing happened: ")
        headers = dict(
            line.lower().split(": ", 1) for line in plain[0].decode().split("\r\n") if ": " in line
        )
        signed = headers["x-registrywatch-timestamp"].encode() + b"." + plain[2]
        expected = hmac.new(b"a-signing-key-of-ours", signed, hashlib.sha256).hexdigest()
        assert headers["x-registrywatch-signature"] == f"v1={expected}"

    def test_all_well_is_exit_status_0(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(answer("202 Accepted")) as good:
            monkeypatch.setenv("REGISTRYWATCH_TEAMS_WEBHOOK_URL", good.url)
            assert main(["test-alert", "acr-images-deleted", "--severity", "critical"]) == 0

    def test_where_nothing_was_sent_that_is_no_success(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with serving(answer("200 OK")) as server:
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", server.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_MIN_SEVERITY", "high")
            assert main(["test-alert", "--severity", "medium"]) == 1
            assert server.requests == []
        out, err = capsys.readouterr()
        assert "not sent, it takes high alerts and worse" in out
        assert "nothing was sent" in err

    def test_one_destination_can_be_named_whatever_its_lowest_severity(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with serving(answer("200 OK")) as server, serving(answer("200 OK")) as other:
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", other.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK__SIEM__URL", server.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK__SIEM__MIN_SEVERITY", "critical")
            assert main(["test-alert", "--to", "webhook/siem", "--severity", "low"]) == 0
            assert (len(server.requests), len(other.requests)) == (1, 0)
            with pytest.raises(SystemExit) as stopped:
                main(["test-alert", "--to", "slak"])
        assert stopped.value.code == 2
        assert "set are: webhook, webhook/siem" in capsys.readouterr().err

    def test_pagerduty_s_incident_is_resolved_afterwards(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with serving(answer("202 Accepted")) as server:
            monkeypatch.setenv("REGISTRYWATCH_PAGERDUTY_ROUTING_KEY", "R" * 32)
            monkeypatch.setenv("REGISTRYWATCH_PAGERDUTY_URL", server.url)
            assert main(["test-alert"]) == 0
        events = [msgspec.json.decode(each.partition(b"\r\n\r\n")[2]) for each in server.requests]
        assert [event["event_action"] for event in events] == ["trigger", "resolve"]
        assert len({event["dedup_key"] for event in events}) == 1
        assert "incident resolved" in capsys.readouterr().out

    def test_a_destination_that_hangs_does_not_hold_up_the_others(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("registrywatch.delivery.post.READ_SECONDS", 0.5)
        with serving(hang(3)) as slow, serving(answer("200 OK")) as good:
            monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", slow.url)
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", good.url)
            assert main(["test-alert"]) == 1
        first, second = capsys.readouterr().out.splitlines()
        assert "webhook" in first
        assert second.endswith("no answer in time")

    def test_as_json_it_is_an_object_a_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with serving(answer("403 No", b"bad")) as server:
            monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", server.url)
            assert main(["test-alert", "--json"]) == 1
        [row] = map(msgspec.json.decode, capsys.readouterr().out.splitlines())
        result = "answered 403: bad"
        assert row == {"destination": "webhook", "delivered": False, "result": result, "fix": None}

    def test_without_a_destination_it_says_what_to_set(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["test-alert"]) == 2
        assert "REGISTRYWATCH_SLACK_WEBHOOK_URL" in capsys.readouterr().err


def body_of(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> Any:
    assert main(["show-alert", *arguments]) == 0
    return msgspec.json.decode(capfdbinary.readouterr().out)


class TestShowAlert:
    @pytest.mark.parametrize("rule", [rule.name for rule in CATALOGUE])
    def test_every_rule_has_a_valid_body_for_every_destination(
        self, rule: str, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        check_slack(body_of(capfdbinary, rule, "--as", "slack"))
        check_teams(body_of(capfdbinary, rule, "--as", "teams"))
        check_ocsf(body_of(capfdbinary, rule, "--as", "ocsf"))
        event = body_of(capfdbinary, rule, "--as", "pagerduty")
        assert event["routing_key"] == "0" * 32
        alert = body_of(capfdbinary, rule, "--as", "webhook", "--severity", "low")
        assert (alert["rule"], alert["severity"]) == (rule, "low")

    def test_alerts_that_replay_printed_are_shown_as_a_destination_gets_them(
        self, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        file = tmp_path / "alerts.json"
        file.write_bytes(b"\n".join(encode(an_alert(number)) for number in range(3)) + b"\n\n")
        assert main(["show-alert", "--from", str(file), "--as", "slack"]) == 0
        bodies = capfdbinary.readouterr().out.splitlines()
        assert len(bodies) == 3
        for body in bodies:
            check_slack(msgspec.json.decode(body))

    def test_a_line_that_is_no_alert_is_named_and_the_others_are_shown(
        self, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        file = tmp_path / "alerts.json"
        file.write_bytes(encode(an_alert(1)) + b"\n{}\n" + encode(an_alert(2)))
        assert main(["show-alert", "--from", str(file), "--as", "webhook"]) == 1
        shown = capfdbinary.readouterr()
        assert len(shown.out.splitlines()) == 2
        assert b"line 2 is not an alert" in shown.err

    def test_a_file_without_an_alert_is_no_success(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "alerts.json"
        path.write_text("\n")
        assert main(["show-alert", "--from", str(path), "--as", "teams"]) == 1
        assert "holds no alert" in capsys.readouterr().err

    @pytest.mark.parametrize("form", ["slack", "sns", "ocsf"])
    def test_on_a_terminal_a_body_has_line_breaks(
        self, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["show-alert", "ecr-images-deleted", "--as", form]
        assert main(arguments) == 0
        piped = capsys.readouterr().out
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert main(arguments) == 0
        seen = capsys.readouterr().out
        assert piped.count("\n") == 1
        assert seen.count("\n") > 20
        assert set(json.loads(piped)) == set(json.loads(seen))

    def test_on_a_terminal_nothing_in_a_body_steers_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "alerts.json"
        path.write_bytes(encode(an_alert(summary="a\x9b2J\u202eb")))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert main(["show-alert", "--from", str(path), "--as", "ocsf"]) == 0
        assert "a\\u009b2J\\u202eb" in capsys.readouterr().out

    def test_a_file_that_is_not_there_is_wrong_usage(self, tmp_path: Path) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["show-alert", "--from", str(tmp_path / "nowhere"), "--as", "slack"])
        assert stopped.value.code == 2

    def test_a_rule_that_is_none_is_wrong_usage(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["show-alert", "ecr-image-deleted", "--as", "slack"])
        assert stopped.value.code == 2
        assert "did you mean ecr-images-deleted?" in capsys.readouterr().err
