"""infra/azure against Azure's published types: versions, properties, required ones, values, kinds.

What only Azure's side knows is not here: quotas, names that are taken, what a region or a plan
offers, and rules between properties. docs/azure.md says what is left.
"""

import functools
from collections.abc import Iterable, Mapping

import pytest

from tests.azure.bicep import INFRA
from tests.builders.cases import for_each
from tests.integration.azure.bicep_files import Template, files_in, parse
from tests.integration.azure.bicep_use import Use, parse_parameters
from tests.integration.azure.bicep_values import Given, Resource
from tests.integration.azure.fits import count, faults_of, faults_of_given, faults_of_read
from tests.integration.azure.published_types import PublishedTypes
from tests.integration.components import require

pytestmark = pytest.mark.real

FILES = files_in(INFRA)
DEPLOYED = ["main.bicep", *(name for name in FILES if name.startswith("optional/"))]

# The packages list known values and not whether others are taken; these are, by Azure's own pages.
ALSO_TAKEN = {
    "optional/log-analytics.bicep: rule.kind: 'Direct'": "logs-ingestion-api-overview: such a rule "
    "has an endpoint of its own",
    "optional/log-analytics.bicep: rule.properties.dataFlows.streams: 'Custom-Registrywatch_CL'": (
        "data-collection-rule-structure: streams of custom tables begin with `Custom-`"
    ),
}


@functools.cache
def types() -> PublishedTypes:
    return PublishedTypes(require("azure-types"))


def templates(files: Mapping[str, str]) -> dict[str, Template]:
    return {name: parse(name, text) for name, text in files.items()}


def resources(files: Mapping[str, str]) -> list[Resource]:
    parsed = templates(files)
    return [each for name in DEPLOYED for each in Use(parsed, parsed[name]).resources()]


def faults(files: Mapping[str, str]) -> set[str]:
    """All faults, without what is known to be taken."""
    parsed, declared = templates(files), resources(files)
    by_symbol = {(each.file, each.symbol): each for each in declared}
    reads = [read for each in parsed.values() for read in each.reads]
    given = [each for name in DEPLOYED for each in Use(parsed, parsed[name]).given()]
    found = {
        *(fault for each in declared for fault in faults_of(each, types())),
        *(
            fault
            for each in reads
            for fault in faults_of_read(each, by_symbol[each.file, each.symbol], types())
        ),
        *(fault for each in given for fault in faults_of_given(each)),
    }
    return {fault for fault in found if not fault.startswith(tuple(ALSO_TAKEN))}


def test_every_resource_property_and_value_is_one_that_azure_publishes() -> None:
    assert faults(FILES) == set()


def test_all_resources_and_properties_are_looked_at() -> None:
    declared = resources(FILES)
    assert {each.file for each in declared} == {
        name for name, text in FILES.items() if "\nresource " in text
    }
    written = sum(text.count("\nresource ") for text in FILES.values())
    assert len({each.place for each in declared}) == written >= 60
    assert sum(count(each.body) for each in declared) > 600


def test_what_is_taken_beside_the_known_values_is_still_used() -> None:
    found = {fault for each in resources(FILES) for fault in faults_of(each, types())}
    assert all(any(fault.startswith(each) for fault in found) for each in ALSO_TAKEN)


@for_each("name", ["main.bicepparam", "registrywatch.bicepparam"])
def test_a_parameters_file_gives_what_main_takes(name: str) -> None:
    assert [*faults_of_parameters(name, (INFRA / name).read_text())] == []


def faults_of_parameters(name: str, text: str) -> Iterable[str]:
    parsed = templates(FILES)
    given = parse_parameters(name, text)
    main = Use(parsed, parsed["main.bicep"], given)
    for parameter, value in given.items():
        kind, allowed = main.takes(parameter)
        yield from faults_of_given(Given(f"{name}: {parameter}", value, kind, allowed))


MISTAKES = [
    ("app.bicep", "httpsOnly:", "httpOnly:", "app.properties.httpOnly: Site.properties has no"),
    ("app.bicep", "instanceMemoryMB: inst", "memoryMB: inst", "memoryMB: Functions"),
    ("app.bicep", "name: 'python'", "name: 'snake'", "runtime.name: 'snake' is none of"),
    ("app.bicep", "name: 'ftp'", "name: 'fpt'", "noFtpPassword.name: 'fpt' is none of ftp"),
    ("app.bicep", "allow: false", "allow: 'no'", "allow: 'no' where bool belongs"),
    ("app.bicep", "sites@2024-04-01' = {", "sites@2024-04-02' = {", "sites@2024-04-02 is unknown"),
    ("app.bicep", "Web/serverfarms@", "Web/serverfarm@", "known: nothing of that name"),
    ("app.bicep", "httpsOnly: true", "state: 'Running'", "app.properties.state: is read-only"),
    ("app.bicep", "parent: app", "parent: plan", "noFtpPassword: its parent is no"),
    ("app.bicep", "serverFarmId: plan.id", "serverFarmId: 5", "5 where string belongs"),
    ("eventhub.bicep", "'Listen'", "'Lisen'", "properties.rights: 'Lisen' is none of"),
    ("eventhub.bicep", "partitionCount: 2", "partitionCount: '2'", "'2' where int belongs"),
    (
        "eventhub.bicep",
        "serviceBusEndpoint",
        "serviceBusEndPoint",
        "there is no serviceBusEndPoint",
    ),
    ("lock.bicep", "    level: 'CanNotDelete'\n", "", "lock.properties.level: is missing"),
    ("main.bicep", "  location: location\n  tags", "  tags", "group.location: is missing"),
    ("main.bicep", "targetScope = 'subscription'\n", "", "group: Microsoft.Resources/resourceG"),
    ("monitoring.bicep", "severity: 1\n", "severity: 'high'\n", "'high' where int belongs"),
    ("monitoring.bicep", "operator: 'LessThan'", "operator: 'Less'", "operator: 'Less' is none of"),
    ("monitoring.bicep", "groupShortName: 'regwatch'", "groupShortName: 'registrywatch'", "12"),
    ("secrets.bicep", "'recover'", "'recovered'", "createMode: 'recovered' is none of"),
    ("secrets.bicep", "name: 'webhook-url'", "name: 'webhook_url'", "does not match"),
    ("storage.bicep", "  kind: 'StorageV2'\n", "", "account.kind: is missing"),
    ("storage.bicep", "    bypass:", "    byPass:", "byPass: NetworkRuleSet has no such"),
    ("topic.bicep", "endpointType: 'AzureFunction'", "endpointType: 'Function'", "is none of"),
    ("topic.bicep", "maxEventsPerBatch", "maxEventsPerBach", "maxEventsPerBach: AzureFunction"),
    ("topic.bicep", "    scopes: [topic.id]", "    scopes: topic", "object where array"),
    ("main.bicep", "identities.outputs.appPrincipalId\n", "lock\n", "bool where string belongs"),
    ("subscription.bicep", "principalId: ", "principal: ", "properties.principalId: is missing"),
]


@for_each("file, right, wrong, fault", MISTAKES)
def test_a_mistake_is_found(file: str, right: str, wrong: str, fault: str) -> None:
    assert right in FILES[file]
    found = faults(FILES | {file: FILES[file].replace(right, wrong, 1)})
    assert any(fault in each for each in found), found


def test_a_wrong_kind_in_a_parameters_file_is_found() -> None:
    text = "using './main.bicep'\nparam registries = 'one'\nparam lock = 'yes'\n"
    assert len([*faults_of_parameters("wrong.bicepparam", text)]) == 2
