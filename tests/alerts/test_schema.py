"""The published schema describes every alert that there is, and nothing else."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from registrywatch.alerts import Alert, encode
from registrywatch.alerts.sample import sample_alert
from registrywatch.cli import main
from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.severity import Severity
from tests.alerts.hostile import hostile_alerts, readable
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.builders.day import write
from tools.alert_schema import document


@cache
def schema() -> Draft202012Validator:
    loaded = json.loads(document())
    Draft202012Validator.check_schema(loaded)
    return Draft202012Validator(loaded, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check(alert: dict[str, Any]) -> None:
    assert [f"{list(e.path)}: {e.message}" for e in schema().iter_errors(alert)] == []


def test_every_field_is_described() -> None:
    loaded = json.loads(document())
    for each in (loaded, *loaded["$defs"].values()):
        assert all(field["description"] for field in each.get("properties", {}).values())
    assert set(loaded["required"]) == set(Alert.__struct_fields__)


def test_every_alert_of_the_demo_day_is_valid(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    assert main(["replay", "--json", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    for line in lines:
        check(json.loads(line))


@for_each("rule", CATALOGUE, ids=lambda rule: rule.name)
def test_every_rule_s_sample_is_valid(rule: AnyRule) -> None:
    check(json.loads(encode(sample_alert(rule, Severity.HIGH, "2026-08-01T09:00:00Z"))))


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_it_is_valid(hostile: Alert) -> None:
    check(json.loads(encode(readable(hostile))))


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"severity": "bad"}, {"events": 5}, {"cloud": "gcp"}, {"actor": None}]
)
def test_the_schema_would_catch_a_bad_alert(change: dict[str, Any]) -> None:
    assert list(schema().iter_errors(json.loads(encode(an_alert())) | change))
