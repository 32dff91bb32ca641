"""What the self-check finds, as an alert."""

from registrywatch.checks.report import ACTOR
from registrywatch.events import CheckChanged, Cloud
from tests.builders.cases import for_each
from tests.rules.given import grade, happened, judged

RULES = for_each(
    ("rule", "cloud"), [("ecr-monitoring-removed", "aws"), ("acr-monitoring-removed", "azure")]
)
WRONG = CheckChanged("trail", "no trail is logging", "aws cloudtrail start-logging --name main")


@RULES
def test_a_part_that_is_wrong_is_high_and_says_how_to_mend_it(rule: str, cloud: Cloud) -> None:
    event = happened(WRONG, cloud=cloud, actor=ACTOR)
    assert grade(rule, event) == "high"
    finding = judged(rule, event)
    assert finding
    assert finding.summary == "found a fault in trail: no trail is logging"
    assert finding.reasons[1] == "To fix it: aws cloudtrail start-logging --name main"


def test_a_fault_that_somebody_is_known_to_have_caused_names_them() -> None:
    finding = judged("acr-monitoring-removed", happened(WRONG, cloud="azure"))
    assert finding
    assert finding.summary.startswith("caused a fault in trail")


@RULES
def test_what_loses_nothing_yet_is_medium(rule: str, cloud: Cloud) -> None:
    minor = CheckChanged("arrivals", "no event has arrived for 2 days", "look", minor=True)
    assert grade(rule, happened(minor, cloud=cloud)) == "medium"


@RULES
def test_recovery_is_low(rule: str, cloud: Cloud) -> None:
    again = CheckChanged("trail", "main records all", "", recovered=True)
    assert grade(rule, happened(again, cloud=cloud)) == "low"
