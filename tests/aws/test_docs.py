"""docs/aws.md says what is so."""

import json
import re
from collections.abc import Callable

import pytest

from tests.aws.conftest import Account, Door
from tests.aws.templates import ROOT, load, resources

PAGE = (ROOT / "docs/aws.md").read_text()


def test_the_test_event_raises_an_alert(door: Callable[[str], Door], account: Account) -> None:
    [event] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    door("changes")(json.loads(event))
    [alert] = account.alerts()
    assert (alert["rule"], alert["severity"]) == ("ecr-repository-policy-applied", "critical")


def test_every_parameter_is_in_the_table() -> None:
    named = set(re.findall(r"`([A-Za-z…]+)`", PAGE))
    for parameter in load()["Parameters"]:
        suffix = re.sub("^(Pull|Push)", "", parameter)
        spellings = {parameter, suffix, re.sub(".*MinSeverity$", "…MinSeverity", parameter)}
        assert spellings & named, parameter


@pytest.mark.parametrize("name", sorted(resources("AWS::CloudWatch::Alarm")))
def test_every_alarm_is_in_the_table(name: str) -> None:
    spellings = {name, re.sub("^(Changes|Monitoring|Traffic|Delivery)", "…", name)}
    assert any(f"`{spelling}`" in PAGE for spelling in spellings)
