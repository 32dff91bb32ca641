"""…-image-scan-disabled: what still scans by itself decides, not who says so."""

import pytest

from registrywatch.events import (
    FindingsSuppressed,
    InspectorDisabled,
    InspectorMemberRemoved,
    RegistryScanningSet,
    RepositoryScanningSet,
    RescanDurationSet,
    ScanningStopped,
    ScanPlanChanged,
    ScanRule,
    What,
)
from tests.builders.cases import for_each
from tests.rules.given import grade, happened, judged

ECR, ACR = "ecr-image-scan-disabled", "acr-image-scan-disabled"

ALL_ON_PUSH = ScanRule("SCAN_ON_PUSH", ("*",))
ALL_CONTINUOUS = ScanRule("CONTINUOUS_SCAN", ("*",))
ALL_BY_HAND = ScanRule("MANUAL", ("*",))
PROD_ON_PUSH = ScanRule("SCAN_ON_PUSH", ("prod*",))


def test_a_repository_that_no_longer_scans_on_push_is_medium() -> None:
    finding = judged(ECR, happened(RepositoryScanningSet(scan_on_push=False)))
    assert finding and finding.severity.value == "medium"
    assert finding.summary == "switched off scan on push of prod/api"


def test_a_repository_that_scans_on_push_raises_nothing() -> None:
    assert grade(ECR, happened(RepositoryScanningSet(scan_on_push=True))) is None


@for_each(
    ("scan_type", "rules", "expected"),
    [
        ("ENHANCED", (), "medium"),
        ("BASIC", (), "medium"),
        ("ENHANCED", (ALL_BY_HAND,), "medium"),
        ("BASIC", (ALL_BY_HAND, ScanRule("MANUAL", ("prod*",))), "medium"),
        ("ENHANCED", (PROD_ON_PUSH,), "medium"),
        ("ENHANCED", (ALL_BY_HAND, PROD_ON_PUSH), "medium"),
        ("ENHANCED", (ScanRule("SCAN_ON_PUSH", ()),), "medium"),
        ("ENHANCED", (ScanRule("SCAN_ON_PUSH", ("",)),), "medium"),
        ("BASIC", (ALL_ON_PUSH,), "informational"),
        ("basic", (ScanRule("scan_on_push", ("**",)),), "informational"),
        ("", (ALL_ON_PUSH,), "informational"),
        ("ENHANCED", (ALL_ON_PUSH,), None),
        ("ENHANCED", (ALL_CONTINUOUS, PROD_ON_PUSH), None),
        ("ENHANCED", (ScanRule("CONTINUOUS_SCAN", ("prod*", "*")),), None),
        ("enhanced", (ScanRule("continuous_scan", ("*",)),), None),
    ],
)
def test_what_the_registry_still_scans_decides(
    scan_type: str, rules: tuple[ScanRule, ...], expected: str | None
) -> None:
    configuration = RegistryScanningSet(scan_type, rules)
    assert grade(ECR, happened(configuration, repository=None)) == expected


def test_what_is_left_of_a_narrowed_filter_is_named() -> None:
    configuration = RegistryScanningSet("ENHANCED", (PROD_ON_PUSH,))
    finding = judged(ECR, happened(configuration, repository=None))
    assert finding and "prod*" in finding.reasons[0]
    assert finding.summary == (
        "replaced the scanning configuration of the registry: it covers prod* only"
    )


def test_on_azure_scanning_that_really_stopped_is_high() -> None:
    stopped = ScanningStopped("plan Containers of the subscription set to Free")
    finding = judged(ACR, happened(stopped, cloud="azure"))
    assert finding and finding.severity.value == "high"
    assert "set to Free" in finding.reasons[0]


@pytest.mark.parametrize("deleted", [True, False])
def test_on_azure_a_plan_that_nobody_looked_up_is_informational(deleted: bool) -> None:
    changed = ScanPlanChanged("Containers", "/subscriptions/1", deleted)
    finding = judged(ACR, happened(changed, cloud="azure"))
    assert finding and finding.severity.value == "informational"
    assert "state not looked up" in finding.reasons[0]


@pytest.mark.parametrize(
    ("before", "expected"),
    [("ENHANCED", "medium"), ("enhanced", "medium"), ("BASIC", "informational")],
)
def test_basic_scanning_after_enhanced_is_a_step_down(before: str, expected: str) -> None:
    now = RegistryScanningSet("BASIC", (ALL_ON_PUSH,), before=before)
    assert grade(ECR, happened(now, repository=None)) == expected


@for_each(
    ("what", "expected"),
    [
        (InspectorDisabled(), "high"),
        (InspectorDisabled(("EC2", "ECR")), "high"),
        (InspectorDisabled(("ecr",), ("111122223333",)), "high"),
        (InspectorDisabled(("EC2", "LAMBDA")), None),
        (InspectorDisabled(("EC2",), omitted=True), "high"),
        (FindingsSuppressed("quiet", on_images=True), "medium"),
        (FindingsSuppressed("quiet", on_images=False), None),
        (FindingsSuppressed("quiet", on_images=False, omitted=True), "medium"),
        (InspectorMemberRemoved("222233334444"), "medium"),
        (InspectorMemberRemoved(None, administrator=True), "medium"),
        (RescanDurationSet("DAYS_30"), "low"),
        (RescanDurationSet("LIFETIME", "DAYS_14"), "low"),
        (RescanDurationSet("LIFETIME"), None),
        (RescanDurationSet(omitted=True), "medium"),
        (RepositoryScanningSet(scan_on_push=True, omitted=True), "medium"),
        (RegistryScanningSet("ENHANCED", (ALL_ON_PUSH,), omitted=True), "medium"),
    ],
)
def test_the_other_ways_to_end_scanning(what: What, expected: str | None) -> None:
    assert grade(ECR, happened(what, repository=None)) == expected
