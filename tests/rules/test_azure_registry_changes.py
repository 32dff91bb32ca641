"""acr-registry-exposed, acr-credentials-issued, acr-supply-chain-changed."""

from typing import get_args

import msgspec

from registrywatch.events import (
    CredentialsIssued,
    MonitoringRemoved,
    RegistryChanged,
    RegistryExposed,
    SupplyChanged,
    What,
)
from registrywatch.rules import Finding
from tests.builders.cases import for_each
from tests.rules.given import happened, judged

SUBSCRIPTION = "00000000-0000-0000-0000-000000000009"
REGISTRY = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/r/providers/microsoft.containerregistry/registries/shop"  # noqa: E501
OTHER = REGISTRY.replace(SUBSCRIPTION, "11111111-0000-0000-0000-000000000009")


def found(rule: str, what: What) -> Finding | None:
    return judged(rule, happened(what, cloud="azure", repository=None, account=SUBSCRIPTION))


def graded(rule: str, what: What) -> str | None:
    finding = found(rule, what)
    return finding.severity.value if finding else None


EXPOSED = {
    "anonymous pull": "critical",
    "admin user": "high",
    "public network": "high",
    "export policy": "high",
    "soft delete": "medium",
    "retention": "medium",
    "trust policy": "medium",
    "quarantine policy": "medium",
    "trusted services": "medium",
    "tasks' bypass": "medium",
}


def test_each_protection_that_is_switched_off_has_its_severity() -> None:
    settings = get_args(msgspec.structs.fields(RegistryExposed)[0].type)
    assert set(settings) == EXPOSED.keys()
    for setting in settings:
        assert (
            graded("acr-registry-exposed", RegistryExposed(setting, REGISTRY)) == EXPOSED[setting]
        )


def test_a_change_that_was_not_looked_up_is_informational() -> None:
    finding = found("acr-registry-exposed", RegistryChanged(REGISTRY))
    assert finding and finding.severity.value == "informational"
    assert "state not looked up" in finding.reasons[0]


def test_the_summary_names_the_registry() -> None:
    finding = found("acr-registry-exposed", RegistryExposed("anonymous pull", REGISTRY))
    assert finding and finding.summary == "let anyone pull from the registry shop"


@for_each(
    ("issued", "expected"),
    [
        (CredentialsIssued("regenerated", REGISTRY), "high"),
        (CredentialsIssued("generated", REGISTRY), "high"),
        (CredentialsIssued("listed", REGISTRY), "medium"),
        (CredentialsIssued("token", f"{REGISTRY}/tokens/ci"), "medium"),
        (CredentialsIssued("token", f"{REGISTRY}/tokens/ci", all_repositories=True), "high"),
        (CredentialsIssued("token", f"{REGISTRY}/tokens/ci", all_repositories=False), "medium"),
        (CredentialsIssued("scope map", f"{REGISTRY}/scopemaps/all"), "medium"),
        (CredentialsIssued("role", REGISTRY, "AcrPush"), "high"),
        (CredentialsIssued("role", REGISTRY, "Owner", above=True), "high"),
        (CredentialsIssued("role", REGISTRY, "Contributor"), "high"),
        (CredentialsIssued("role", REGISTRY, "AcrPull"), "medium"),
        (CredentialsIssued("role", REGISTRY, "AcrPull", above=True), "medium"),
        (CredentialsIssued("role", REGISTRY, "Reader"), "medium"),
        (CredentialsIssued("role", REGISTRY, "Reader", above=True), "low"),
        (CredentialsIssued("role", REGISTRY, None), "medium"),
        (CredentialsIssued("role", REGISTRY, None, above=True), "low"),
        (CredentialsIssued("listed", REGISTRY, habitual=True), "low"),
        (CredentialsIssued("regenerated", REGISTRY, habitual=True), "low"),
        (CredentialsIssued("role", REGISTRY, "Reader", above=True, habitual=True), "low"),
    ],
)
def test_what_was_issued_and_how_far_it_reaches_decides(
    issued: CredentialsIssued, expected: str
) -> None:
    assert graded("acr-credentials-issued", issued) == expected


def test_a_credential_names_its_registry_and_token() -> None:
    issued = CredentialsIssued("token", f"{REGISTRY}/tokens/ci", all_repositories=True)
    finding = found("acr-credentials-issued", issued)
    assert (
        finding
        and finding.summary == "created or changed the token shop/ci, which covers all repositories"
    )


def supply(kind: str, **more: object) -> SupplyChanged:
    return msgspec.convert({"kind": kind, "resource": f"{REGISTRY}/x/y", **more}, SupplyChanged)


@for_each(
    ("change", "expected"),
    [
        (supply("task", identity=True), "medium"),
        (supply("task", identity=False), "low"),
        (supply("task"), "low"),
        (supply("task", identity=True, deleted=True), "low"),
        (supply("task run"), "low"),
        (supply("build source"), "low"),
        (supply("run log"), "low"),
        (supply("agent pool"), "low"),
        (supply("import"), "low"),
        (supply("import", origin=REGISTRY), "low"),
        (supply("import", origin=OTHER), "medium"),
        (supply("import", origin="docker.io"), "medium"),
        (supply("import pipeline"), "low"),
        (supply("export pipeline"), "medium"),
        (supply("export pipeline", deleted=True), "low"),
        (supply("pipeline run"), "low"),
        (supply("connected registry"), "medium"),
        (supply("cache rule", credentials=True), "medium"),
        (supply("cache rule", credentials=False), "low"),
        (supply("cache rule"), "low"),
        (supply("credential set"), "low"),
        (supply("replication"), "low"),
        (supply("webhook"), "low"),
        (supply("webhook", origin="hooks.example"), "medium"),
        (supply("private endpoint"), "low"),
    ],
)
def test_what_supplies_images_is_graded_by_what_it_can_do(
    change: SupplyChanged, expected: str
) -> None:
    assert graded("acr-supply-chain-changed", change) == expected


def test_a_change_of_a_part_names_the_resource_and_the_part() -> None:
    account = REGISTRY.partition("/providers")[0] + "/providers/microsoft.storage/storageaccounts"
    queue = f"{account}/registrywatchx/queueservices/default/queues/alerts"
    changed = MonitoringRemoved("storage account", queue, "changed")
    finding = found("acr-monitoring-removed", changed)
    assert finding
    assert finding.summary == "changed the storage account registrywatchx (queues/alerts)"


def test_every_kind_has_its_words() -> None:
    kinds = get_args(msgspec.structs.fields(SupplyChanged)[0].type)
    for kind in kinds:
        for deleted in (False, True):
            finding = found("acr-supply-chain-changed", supply(kind, deleted=deleted))
            assert finding and "shop/y" in finding.summary
