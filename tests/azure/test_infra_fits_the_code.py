"""What the functions use and what infra/azure makes are the same things under the same names."""

import json
import re
from typing import Any

import pytest
from pycep import BicepParser

from registrywatch.azure import names
from registrywatch.settings.destinations import every_place, variables_of
from registrywatch.settings.variables import DEPLOYMENT, every_variable
from registrywatch.sources import (
    event_grid,
    monitoring_operations,
    registry_operations,
    resource_changes,
)
from tests.azure import bicep
from tests.azure.bicep import INFRA
from tests.azure.worker import ROOT, Binding, this_app

TEXT = {path.name: path.read_text() for path in bicep.files()}
ALL = "\n".join(TEXT.values())
CODE = "\n".join(
    path.read_text()
    for folder in ("functions/azure", "shared/registrywatch/azure")
    for path in (ROOT / folder).glob("*.py")
)

# Azure's built-in roles that somebody here needs, and what for.
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner: the host's own state",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor: triggers, sending",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor: windows, state",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor: dead letters",
    "a638d3c7-ab3a-418d-83e6-5f17a39d4fde": "Azure Event Hubs Data Receiver: the logs",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User: webhook addresses",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher: own log lines",
}


def parsed(name: str) -> Any:
    return BicepParser().parse(file_path=INFRA / name)


@pytest.fixture(scope="module")
def bindings() -> list[Binding]:
    return this_app().bindings


def of_type(bindings: list[Binding], kind: str) -> dict[str, Binding]:
    return {each.function: each for each in bindings if each.type == kind}


def test_the_queues(bindings: list[Binding]) -> None:
    made = set(parsed("storage.bicep")["variables"]["queueNames"]["value"])
    assert made == {*names.QUEUES}
    triggers = {each.values["queueName"] for each in of_type(bindings, "queueTrigger").values()}
    assert triggers == {*names.TRIGGERS_QUEUES}
    assert {f"{queue}-poison" for queue in triggers} | {names.PARKED} == {*names.DEAD_LETTERS}


def test_the_tables() -> None:
    made = set(parsed("storage.bicep")["variables"]["tableNames"]["value"])
    assert made == {*names.TABLES}


def test_every_name_of_a_queue_or_table_is_used() -> None:
    for name in ("ALERTS", "ALERTS_POISON", "RECHECKS", "PARKED", "WINDOWS", "STATE", "DELIVERIES"):
        assert f"names.{name}]" in CODE


def test_the_event_hub(bindings: list[Binding]) -> None:
    triggers = of_type(bindings, "eventHubTrigger")
    made = parsed("eventhub.bicep")["resources"]
    for function, resource, name in (
        ("event_hub", "hub", names.EVENT_HUB),
        ("own_alarms", "alarmHub", names.ALARM_HUB),
    ):
        values = triggers.pop(function).values
        assert values["eventHubName"] == made[resource]["config"]["name"] == name
        assert values["consumerGroup"] == "$Default", "the Basic tier has no other"
    assert not triggers


def test_alarms_go_to_the_hub_of_their_own_unless_they_are_switched_off() -> None:
    variables = parsed("monitoring.bicep")["variables"]
    receiver = variables["alarmReceiver"]["value"]
    assert receiver["useCommonAlertSchema"] is True, "registrywatch.azure.alarms reads no other"
    assert receiver["eventHubName"] == "alarmHubName"
    text = TEXT["monitoring.bicep"]
    assert "var alarmReceivers = alarmsToDestinations ? [alarmReceiver] : []" in text
    assert "eventHubReceivers: alarmReceivers" in text
    assert "param alarmsToDestinations bool = true" in TEXT["main.bicep"]
    assert "alarmHubName: eventHub.outputs.alarmHubName" in TEXT["main.bicep"]


def test_connections_are_by_identity(bindings: list[Binding]) -> None:
    connections = {each.values["connection"] for each in bindings if "connection" in each.values}
    assert connections == {names.STORAGE_CONNECTION, names.EVENT_HUB_CONNECTION}
    settings = parsed("app.bicep")["variables"]["baseSettings"]["value"]
    for connection in connections:
        assert settings[f"{connection}__credential"] == "managedidentity"
        assert settings[f"{connection}__clientId"] == "identityClientId"
        assert connection not in settings, "that would be a connection string"
    assert "listKeys" not in ALL
    assert "AccountKey" not in ALL


def test_every_setting_is_one_that_somebody_reads() -> None:
    set_here = set(re.findall(r"\b(REGISTRYWATCH_\w+):", ALL)) - {
        "REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD"  # the example in a description
    }
    assert set_here <= {variable.name for variable in every_variable()}
    secrets = {variable.name for variable in variables_of(every_place()) if variable.secret}
    own = {each.name for each in DEPLOYMENT if each.name.startswith("REGISTRYWATCH_AZURE_")}
    assert set_here == secrets | own | {"REGISTRYWATCH_OWN_RESOURCES"}
    assert secrets == set(re.findall(r"\b(REGISTRYWATCH_\w+):", TEXT["secrets.bicep"]))


def test_no_secret_is_a_setting() -> None:
    for name, text in TEXT.items():
        settings = re.findall(r"(?:URL|KEY|SECRET): '([^']*)", text)
        assert all(each.startswith("${reference}") for each in settings), name


def test_every_role_is_needed_and_no_other_is_given() -> None:
    given = set(re.findall(r"'([0-9a-f]{8}-[0-9a-f-]{27})'", ALL))
    assert given == {*ROLES}
    custom = set(re.findall(r"'(Microsoft\.[\w./]+/read)'", TEXT["main.bicep"]))
    asked = {
        *names.PLAN_ACTIONS,
        *names.GROUP_ACTIONS,
        *names.REGISTRY_ACTIONS,
        *names.REGISTRY_DATA_ACTIONS,
    }
    assert custom == asked


def test_the_rule_that_diagnostic_settings_send_with_is_the_one_that_is_checked() -> None:
    assert f"name: '{names.SENDER_RULE}'" in TEXT["eventhub.bicep"]


def test_the_self_check_looks_for_every_function_and_role(bindings: list[Binding]) -> None:
    assert {each.function for each in bindings} == {*names.FUNCTIONS}
    dead_letters = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"  # Event Grid's identity, not the app's
    assert names.ROLES.keys() == ROLES.keys() - {dead_letters}


def test_event_grid_calls_a_function_that_is_there(bindings: list[Binding]) -> None:
    called = set(re.findall(r"}/functions/(\w+)'", ALL))
    assert called == {*of_type(bindings, "eventGridTrigger")}


def test_the_events_subscribed_to_are_those_that_are_read() -> None:
    types = set(re.findall(r"'(Microsoft\.ContainerRegistry\.\w+)'", TEXT["registry.bicep"]))
    types.remove("Microsoft.ContainerRegistry.Registries")  # the kind of topic
    assert types == {
        "Microsoft.ContainerRegistry.ImagePushed",
        "Microsoft.ContainerRegistry.ImageDeleted",
    }
    assert all(event_grid.is_read(each, None) for each in types)


def test_the_operations_subscribed_to_are_those_that_are_read() -> None:
    operations = set(
        re.findall(
            r"'(Microsoft\.[\w./]+/(?:write|delete|action))'", TEXT["subscription-topic.bicep"]
        )
    )
    assert set(registry_operations.AT_ONCE) <= registry_operations.OPERATIONS
    assert not registry_operations.AT_ONCE & registry_operations.WITH_REQUEST
    read = {
        *registry_operations.AT_ONCE,
        *resource_changes.SCAN_PLANS,
        *monitoring_operations.FEEDS,
        resource_changes._REGISTRY_DELETE,
        *resource_changes._REGISTRY_WRITES,
    }
    assert {each.lower() for each in operations} == read
    assert len(operations) <= 25, "Event Grid takes no more values in a filter"
    own = re.findall(r"'(Microsoft\.\w+/[\w./]+)'$", TEXT["own-events.bicep"], re.M)
    assert [each.lower() for each in own] == [*monitoring_operations.AT_ONCE]
    assert len(own) <= 25


def test_the_logs_exported_are_those_that_are_read() -> None:
    assert set(re.findall(r"category: '(\w+)'", ALL)) - {"workbook"} == {
        "ContainerRegistryRepositoryEvents",
        "Administrative",
    }


def test_alarms_look_for_lines_and_functions_that_there_are(bindings: list[Binding]) -> None:
    lines = set(re.findall(r'line\.event == "(\w+)"', TEXT["monitoring.bicep"]))
    assert lines == {"dead_letters", "state_unreadable", "delivery", "stuck"}
    assert all(f'"{line}"' in CODE for line in lines)
    functions = set(re.findall(r'name == "(\w+)"', TEXT["monitoring.bicep"]))
    assert functions <= {each.function for each in bindings}


def test_the_runtime_is_the_one_that_the_worker_needs() -> None:
    assert "version: '3.13'" in TEXT["app.bicep"]


def test_hosts_and_code_agree_on_how_messages_are_encoded() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    assert queues["messageEncoding"] == "base64"
    assert "TextBase64EncodePolicy()" in CODE


def test_every_message_that_the_host_hands_over_has_a_thread() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    settings = parsed("app.bicep")["variables"]["baseSettings"]["value"]
    most = queues["batchSize"] + queues["newBatchThreshold"]
    assert int(settings["PYTHON_THREADPOOL_THREAD_COUNT"]) == most


def test_the_developers_settings_are_such_that_the_app_starts() -> None:
    from functions.azure.wiring import build

    sample = json.loads((ROOT / "local.settings.sample.json").read_text())
    build(sample["Values"])


def test_what_is_published_is_what_runs() -> None:
    lines = (ROOT / ".funcignore").read_text().splitlines()
    ignored = [line for line in lines if not line.startswith("#")]
    needed = {"function_app.py", "host.json", "requirements.txt", "functions", "shared"}
    here = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    ignored_here = {each.rstrip("/") for each in ignored} & here
    assert needed <= here - ignored_here
    assert {"tests", "docs", "infra"} <= ignored_here


def test_the_docs_name_every_function_queue_and_alarm(bindings: list[Binding]) -> None:
    text = (ROOT / "docs" / "azure.md").read_text()
    assert {each.function for each in bindings} <= set(re.findall(r"^\| `(\w+)` \|", text, re.M))
    assert all(f"`{queue}`" in text for queue in names.DEAD_LETTERS)


def test_the_runbook_has_every_alarm_of_azure_and_no_other() -> None:
    page = (ROOT / "docs/runbook.md").read_text().partition("## Azure")[2]
    alarms = set(re.findall(r"^    name: '([\w-]+)'$", TEXT["monitoring.bicep"], re.M))
    alarms |= set(re.findall(r"topicName}-(\w+)'$", TEXT["topic.bicep"], re.M))
    listed = {
        name
        for row in re.findall(r"^\| (`.*?) \|", page, re.M)
        for name in re.findall(r"`([\w-]+)`", row)
    }
    assert listed == alarms


def test_the_outputs_that_the_docs_read_are_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    read = {
        name
        for page in pages
        for name in re.findall(r"properties\.outputs\.(\w+)\.value", page.read_text())
    }
    assert read
    assert read <= bicep.read(INFRA / "main.bicep").outputs


def test_the_workbook_reads_lines_that_the_functions_write() -> None:
    text = (INFRA / "workbook.json").read_text()
    assert json.loads(text)["items"]
    read = set(re.findall(r'line.event == \\"(\w+)\\"', text))
    assert all(f'"{line}"' in CODE for line in read)
    assert {"alert", "pulls", "handled", "delivery"} <= read
