"""Credentials and supply of Azure registries, as Event Grid and the Activity Log report them."""

import json

import msgspec
import pytest

from registrywatch import sources
from registrywatch.events import CredentialsIssued, SupplyChanged, What
from registrywatch.sources import registry_operations
from tests.builders.azure import SUBSCRIPTION, activity, hub, registry_id, resource_changed
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json

REGISTRY = registry_id().lower()
IN_REGISTRY = "Microsoft.ContainerRegistry/registries/"
ASSIGNED = "Microsoft.Authorization/roleAssignments/write"
GUID = "11111111-2222-3333-4444-555555555555"
PUSH, PULL = "8311e382-0749-4cb8-b61a-304f252e45ec", "7f951dda-4ed3-4680-a7ca-43fe172d538d"


def read(*documents: Json) -> list[What]:
    found: list[What] = []
    for document in documents:
        reading = sources.read(msgspec.json.encode(document))
        assert reading.problems == []
        found += [event.what for event in reading.events]
    return found


def of_log(operation: str, resource: str, request: Json | None = None) -> What | None:
    found = read(hub(activity(operation, resource, request=request)))
    return found[0] if found else None


@for_each(
    ("operation", "part", "expected"),
    [
        ("regenerateCredential/action", "", CredentialsIssued("regenerated", REGISTRY)),
        ("generateCredentials/action", "", CredentialsIssued("generated", REGISTRY)),
        ("listCredentials/action", "", CredentialsIssued("listed", REGISTRY)),
        ("tasks/listDetails/action", "/tasks/t",
         CredentialsIssued("task secrets", f"{REGISTRY}/tasks/t")),
        ("taskRuns/listDetails/action", "/taskRuns/t",
         CredentialsIssued("task secrets", f"{REGISTRY}/taskruns/t")),
        ("tokens/write", "/tokens/ci", CredentialsIssued("token", f"{REGISTRY}/tokens/ci")),
        ("scopeMaps/write", "/scopeMaps/m",
         CredentialsIssued("scope map", f"{REGISTRY}/scopemaps/m")),
        ("tasks/write", "/tasks/t", SupplyChanged("task", f"{REGISTRY}/tasks/t")),
        ("tasks/delete", "/tasks/t", SupplyChanged("task", f"{REGISTRY}/tasks/t", deleted=True)),
        ("taskRuns/write", "/taskRuns/t", SupplyChanged("task run", f"{REGISTRY}/taskruns/t")),
        ("scheduleRun/action", "", SupplyChanged("task run", REGISTRY)),
        ("listBuildSourceUploadUrl/action", "", SupplyChanged("build source", REGISTRY)),
        ("runs/listLogSasUrl/action", "/runs/r", SupplyChanged("run log", f"{REGISTRY}/runs/r")),
        ("agentPools/write", "/agentPools/a",
         SupplyChanged("agent pool", f"{REGISTRY}/agentpools/a")),
        ("importImage/action", "", SupplyChanged("import", REGISTRY)),
        ("importPipelines/write", "/importPipelines/p",
         SupplyChanged("import pipeline", f"{REGISTRY}/importpipelines/p")),
        ("exportPipelines/write", "/exportPipelines/p",
         SupplyChanged("export pipeline", f"{REGISTRY}/exportpipelines/p")),
        ("pipelineRuns/write", "/pipelineRuns/p",
         SupplyChanged("pipeline run", f"{REGISTRY}/pipelineruns/p")),
        ("connectedRegistries/write", "/connectedRegistries/c",
         SupplyChanged("connected registry", f"{REGISTRY}/connectedregistries/c")),
        ("connectedRegistries/deactivate/action", "/connectedRegistries/c",
         SupplyChanged("connected registry", f"{REGISTRY}/connectedregistries/c", deleted=True)),
        ("cacheRules/write", "/cacheRules/c",
         SupplyChanged("cache rule", f"{REGISTRY}/cacherules/c")),
        ("cacheRules/delete", "/cacheRules/c",
         SupplyChanged("cache rule", f"{REGISTRY}/cacherules/c", deleted=True)),
        ("credentialSets/write", "/credentialSets/c",
         SupplyChanged("credential set", f"{REGISTRY}/credentialsets/c")),
        ("replications/write", "/replications/r",
         SupplyChanged("replication", f"{REGISTRY}/replications/r")),
        ("replications/delete", "/replications/r",
         SupplyChanged("replication", f"{REGISTRY}/replications/r", deleted=True)),
        ("webhooks/write", "/webhooks/w", SupplyChanged("webhook", f"{REGISTRY}/webhooks/w")),
        ("privateEndpointConnections/write", "/privateEndpointConnections/p",
         SupplyChanged("private endpoint", f"{REGISTRY}/privateendpointconnections/p")),
    ],
)  # fmt: skip
def test_each_operation_is_read_from_event_grid_and_from_the_activity_log(
    operation: str, part: str, expected: What
) -> None:
    named, resource = f"{IN_REGISTRY}{operation}", f"{registry_id()}{part}"
    assert named.lower() in registry_operations.OPERATIONS
    assert read(resource_changed(named, resource)) == [expected]
    assert read(hub(activity(named, resource))) == [expected]
    assert read(hub(activity(named, resource, result="Failure"))) == []


def test_the_table_is_complete() -> None:
    """Every operation in it is tried above, or is a role's assignment."""
    assert len(registry_operations.OPERATIONS) == 29


@for_each(
    ("operation", "part", "request_body", "shown"),
    [
        ("tokens/write", "/tokens/ci",
         {"properties": {"scopeMapId": f"{REGISTRY}/scopeMaps/_repositories_admin"}},
         {"all_repositories": True}),
        ("tokens/write", "/tokens/ci", {"properties": {"scopeMapId": f"{REGISTRY}/scopeMaps/ci"}},
         {"all_repositories": False}),
        ("tokens/write", "/tokens/ci", {"properties": {}}, {"all_repositories": None}),
        ("tasks/write", "/tasks/t", {"identity": {"type": "SystemAssigned"}}, {"identity": True}),
        ("tasks/write", "/tasks/t", {"Identity": {"Type": "None"}}, {"identity": False}),
        ("tasks/write", "/tasks/t", {}, {"identity": False}),
        ("cacheRules/write", "/cacheRules/c",
         {"properties": {"credentialSetResourceId": f"{REGISTRY}/credentialSets/hub"}},
         {"credentials": True}),
        ("cacheRules/write", "/cacheRules/c", {"properties": {"sourceRepository": "docker.io/x"}},
         {"credentials": False}),
        ("importImage/action", "", {"source": {"registryUri": "Docker.io"}},
         {"origin": "docker.io"}),
        ("importImage/action", "", {"source": {"resourceId": registry_id("other").upper()}},
         {"origin": registry_id("other").lower()}),
        ("webhooks/write", "/webhooks/w",
         {"properties": {"serviceUri": "https://Hooks.example/path?x=1"}},
         {"origin": "hooks.example"}),
    ],
)  # fmt: skip
def test_the_request_in_the_activity_log_says_more(
    operation: str, part: str, request_body: Json, shown: Json
) -> None:
    what = of_log(f"{IN_REGISTRY}{operation}", f"{registry_id()}{part}", request_body)
    assert {name: getattr(what, name) for name in shown} == shown


def assigned(scope: str, role: str | None = PUSH) -> What | None:
    request = role and {
        "Id": GUID,
        "Properties": {
            "PrincipalId": GUID,
            "RoleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/"
            f"Microsoft.Authorization/roleDefinitions/{role}",
        },
    }
    resource = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{GUID}"
    return of_log(ASSIGNED, resource, request or None)


GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"


@pytest.mark.parametrize(
    ("scope", "above"),
    [
        (registry_id(), False),
        (f"{registry_id()}/scopeMaps/x", False),
        (f"/subscriptions/{SUBSCRIPTION}", True),
        (GROUP, True),
        ("/providers/Microsoft.Management/managementGroups/all", True),
    ],
)
def test_a_role_is_assigned_at_a_registry_or_above(scope: str, above: bool) -> None:
    what = assigned(scope)
    assert what == CredentialsIssued("role", scope.lower(), "AcrPush", above=above)


@pytest.mark.parametrize(
    "scope",
    [
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/x",
        f"{GROUP}/providers/Microsoft.Web/sites/x",
    ],
)
def test_a_role_at_another_resource_is_no_matter_of_registries(scope: str) -> None:
    assert assigned(scope) is None


def test_a_role_is_named_where_it_is_built_in() -> None:
    def named(role: str | None) -> str | None:
        what = assigned(registry_id(), role)
        assert isinstance(what, CredentialsIssued)
        return what.role

    assert named(PULL) == "AcrPull"
    assert named(PUSH.upper()) == "AcrPush"
    assert named(GUID) == GUID
    assert named(None) is None


@for_each(
    "properties",
    [
        None,
        "no JSON",
        json.dumps({"requestbody": "{"}),
        {"requestbody": 7},
        {"requestbody": "[" * 100_000},
        {"requestbody": '{"identity": 1}'},
    ],
)
def test_a_request_that_cannot_be_read_hides_no_event(properties: object) -> None:
    record = activity(f"{IN_REGISTRY}tasks/write", f"{registry_id()}/tasks/t")
    record["properties"] = properties
    [what] = read(hub(record))
    assert isinstance(what, SupplyChanged)
    assert what.kind == "task"


def test_properties_may_be_json_text() -> None:
    record = activity(f"{IN_REGISTRY}tasks/write", f"{registry_id()}/tasks/t")
    record["properties"] = json.dumps({"requestbody": json.dumps({"identity": {"type": "User"}})})
    [what] = read(hub(record))
    assert isinstance(what, SupplyChanged)
    assert what.identity is True
