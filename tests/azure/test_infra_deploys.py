"""What Azure refuses, or does to others' resources, without any compiler having warned of it.

Each test names the error that a first deployment would have met.
"""

import re
from typing import Any

import pytest
import yaml
from pycep import BicepParser

from tests.azure.bicep import INFRA
from tests.azure.worker import ROOT

TEXT = {path.name: path.read_text() for path in INFRA.glob("*.bicep")}
DOCS = {
    path.name: path.read_text() for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))
}


def resource(file: str, name: str) -> Any:
    return BicepParser().parse(file_path=INFRA / file)["resources"][name]["config"]


def test_flex_consumption_gets_only_site_settings_that_it_takes() -> None:
    """ARM 51021: ftpsState and others are invalid for Flex Consumption sites."""
    assert resource("app.bicep", "app")["properties"]["siteConfig"].keys() == {
        "appSettings",
        "minTlsVersion",
    }


def test_a_topic_in_global_gets_no_identity_and_no_dead_letters_by_one() -> None:
    """azure-cli#18002: identity is unavailable for location 'global'."""
    for name, text in TEXT.items():
        if "location: 'global'" in text and "'topic.bicep'" in text:
            assert "deadLetterIdentityId" not in text, name
    assert "identity: deadLetters ? {" in TEXT["topic.bicep"]
    assert "deadLetterWithResourceIdentity: deadLetters ? {" in TEXT["topic.bicep"]
    assert "param deadLetterIdentityId string = ''" in TEXT["topic.bicep"]


def test_core_tools_are_told_the_language_in_a_fresh_clone() -> None:
    """Without local.settings.json: Worker runtime cannot be 'None'."""
    published = [
        command
        for text in DOCS.values()
        for command in re.findall(r"func azure functionapp publish(?:[^\n`]*\\\n)*[^\n`]*", text)
    ]
    assert published
    assert all("--python" in command for command in published), published


def test_a_topic_of_the_users_own_is_subscribed_to_and_never_changed() -> None:
    text = TEXT["topic.bicep"]
    assert re.findall(r"resource (\w+) 'Microsoft.EventGrid/systemTopics@[^']*' (\S+)", text) == [
        ("created", "="),
        ("topic", "existing"),
    ]
    assert (
        "resource created 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (createTopic)" in text
    )
    assert "createTopic: !contains(registryTopics, id)" in TEXT["main.bicep"]
    assert "createTopic: empty(subscriptionTopic)" in TEXT["main.bicep"]


def test_two_deployments_share_no_name_beyond_their_own_group() -> None:
    """A nested deployment of the subscription keeps its location for ever."""
    outside = {"main.bicep", "registry.bicep", "subscription-topic.bicep", "topic.bicep"}
    inside = {"identities", "storage", "eventhub", "secrets", "monitoring", "app", "self-check"}
    inside |= {"accepted-registries", "lock"}
    modules = re.compile(r"^module \w+ '[^']+' = .*\{\n((?:  .*\n)+?)  params", re.M)
    owned = ("${name}", "${eventSubscriptionName}", "${settingName}")
    for file in outside:
        for module in modules.findall(TEXT[file]):
            [named] = re.findall(r"^  name: (.*)$", module, re.M)
            assert any(each in named for each in owned) or named.strip("'") in inside, named
    alarms = re.findall(r"metricAlerts@[^']*' = [^{]*\{\n  name: (.*)$", TEXT["topic.bicep"], re.M)
    assert len(alarms) == 2
    assert all(each.startswith("'${eventSubscriptionName}-${topicName}-") for each in alarms)


def test_a_deployment_without_the_secrets_at_hand_switches_nothing_off() -> None:
    """The settings follow the named destinations; an empty secret only is not written."""
    output = TEXT["secrets.bicep"].partition("output settings object")[2]
    assert "empty(" not in output
    named = set(re.findall(r"contains\(destinations, '([\w-]+)'\)", output))
    allowed = re.search(
        r"@allowed\(\[([^\]]*)\]\)\n@minLength\(1\)\nparam destinations", TEXT["main.bicep"]
    )
    assert allowed is not None, "a deployment without any destination is refused"
    assert set(re.findall(r"'([\w-]+)'", allowed[1])) == named
    written = re.findall(r"vaults/secrets@[^']*' = if \(!empty\((\w+)\)\)", TEXT["secrets.bicep"])
    assert len(written) == len(named)


def test_a_removed_deployment_can_be_installed_again() -> None:
    assert "createMode: recoverVault ? 'recover' : 'default'" in TEXT["secrets.bicep"]
    assert "recoverVault=true" in DOCS["remove.md"]


def test_no_suffix_of_the_public_cloud_is_written_into_the_templates() -> None:
    for name, text in TEXT.items():
        code = re.sub(r"//.*", "", text)
        for suffix in ("windows.net", "azure.com", "azurecr.io", "azure.net"):
            assert suffix not in code, name


@pytest.mark.parametrize(
    ("parameter", "given"),
    [
        ("registriesOfOtherSubscriptions", "foreignRegistries"),
        ("idsOfNoRegistry", "notRegistries"),
        ("registriesNamedTwice", "namedTwice"),
    ],
)
def test_a_list_of_registries_that_can_not_be_watched_is_refused(
    parameter: str, given: str
) -> None:
    accepted = TEXT["accepted-registries.bicep"]
    assert f"@maxLength(0)\nparam {parameter} array" in accepted
    assert f"{parameter}: {given}\n" in TEXT["main.bicep"]
    assert f"var {given} = " in TEXT["main.bicep"]


def test_azd_finds_the_app_the_templates_and_the_parameters() -> None:
    project = yaml.safe_load((ROOT / "azure.yaml").read_text())
    [(service, app)] = project["services"].items()
    assert app["host"] == "function"
    assert f"param serviceName string = '{service}'" in TEXT["app.bicep"]
    assert "'azd-service-name': serviceName" in TEXT["app.bicep"]
    infra = project["infra"]
    assert (ROOT / infra["path"] / f"{infra['module']}.bicep").exists()
    parameters = (ROOT / infra["path"] / f"{infra['module']}.bicepparam").read_text()
    assert "readEnvironmentVariable('SUBSCRIBE', 'false') == 'true'" in parameters
    for system in ("posix", "windows"):
        assert "azd env set SUBSCRIBE true" in project["hooks"]["postdeploy"][system]["run"]


@pytest.mark.parametrize("name", ["main.bicepparam", "registrywatch.bicepparam"])
def test_each_parameters_file_sets_what_main_demands(name: str) -> None:
    main = BicepParser().parse(file_path=INFRA / "main.bicep")["parameters"]
    given = set(re.findall(r"^param (\w+) =", (INFRA / name).read_text(), re.M))
    demanded = {each for each in main if f"\nparam {each} array\n" in TEXT["main.bicep"]}
    assert demanded | {"operatorEmail"} <= given
    assert given <= main.keys()
