"""Deployments side by side, in two subscriptions or under two names, share no name and no alert.

The names are computed here as Azure computes them, but for its hash functions: whatever these are,
other arguments give other values.
"""

import re
from itertools import combinations

import pytest

from registrywatch.alerts import Alert
from registrywatch.azure.scope import WatchScope
from tests.azure.bicep import INFRA, files
from tests.azure.given import PLANS, Scene, plan
from tests.azure.http_stub import HttpStub
from tests.builders.azure import SUBSCRIPTION, registry_id

TEXT = {path.name: path.read_text() for path in files()}
OTHER = "99999999-0000-4000-8000-000000000009"

IN_ALL_AZURE = {
    "Microsoft.Storage/storageAccounts": "accountName",
    "Microsoft.KeyVault/vaults": "vaultName",
    "Microsoft.EventHub/namespaces": "namespaceName",
    "Microsoft.Web/sites": "appName",
}
"""Resources whose names are unique in all of Azure, with the parameter that gives the name."""

Deployed = tuple[str, str]
"""The subscription and the name of a deployment."""
DEPLOYMENTS: list[Deployed] = [
    (SUBSCRIPTION, "registrywatch"),
    (OTHER, "registrywatch"),
    (SUBSCRIPTION, "registrywatch-us"),
]


def computed(expression: str, of: Deployed) -> str:
    """A name of main.bicep, for one deployment."""
    subscription, name = of
    given = {
        "${suffix}": f"<{subscription},{name}>",
        "${name}": name,
        "thisSubscription": f"/subscriptions/{subscription}",
        "subscription().id": f"/subscriptions/{subscription}",
    }
    for variable, value in given.items():
        expression = expression.replace(variable, value)
    return re.sub(r"\bname\b", f"'{name}'", expression)


def names_given_by_main(parameter: str) -> str:
    [expression] = re.findall(rf"^    {parameter}: '(.*)'$", TEXT["main.bicep"], re.M)
    return str(expression)


def test_the_suffix_is_made_of_subscription_and_name() -> None:
    assert "var suffix = uniqueString(thisSubscription, name)" in TEXT["main.bicep"]
    assert "var thisSubscription = subscription().id" in TEXT["main.bicep"]


@pytest.mark.parametrize("kind", IN_ALL_AZURE)
def test_a_name_that_is_unique_in_all_of_azure_is_each_deployments_own(kind: str) -> None:
    parameter = IN_ALL_AZURE[kind]
    made = [text for text in TEXT.values() if f"'{kind}@" in text]
    assert made
    for text in made:
        declared = re.findall(
            rf"resource \w+ '{kind}@[^']*' = \{{\n(?:  //.*\n)*  name: (.*)\n", text
        )
        assert declared == [parameter]
    expression = names_given_by_main(parameter)
    for one, another in combinations(DEPLOYMENTS, 2):
        assert computed(expression, one) != computed(expression, another)


def test_every_kind_with_a_global_name_is_known_here() -> None:
    """Of these Microsoft says "globally unique"; a new kind belongs in the list or in the other."""
    within_a_group_or_resource = {
        "Microsoft.Authorization", "Microsoft.EventGrid", "Microsoft.Insights",
        "Microsoft.ManagedIdentity", "Microsoft.OperationalInsights", "Microsoft.Resources",
        "Microsoft.ContainerRegistry",
    }  # fmt: skip
    kinds = set(re.findall(r"^resource \w+ '(Microsoft\.\w+)/", "\n".join(TEXT.values()), re.M))
    assert kinds - within_a_group_or_resource == {each.split("/")[0] for each in IN_ALL_AZURE}


@pytest.mark.parametrize("field", ["name", "roleName"])
def test_role_definitions_which_a_whole_tenant_shares_are_each_deployments_own(field: str) -> None:
    roles = re.findall(
        rf"roleDefinitions@[^']*' = \{{\n(?:.*\n)*?\s+{field}: (.*)\n", TEXT["main.bicep"]
    )
    assert len(roles) == 3
    for role in roles:
        assert len({computed(role, each) for each in DEPLOYMENTS}) == len(DEPLOYMENTS), role


def test_role_assignments_hang_on_the_deployments_own_identity() -> None:
    assignments = [
        name
        for text in TEXT.values()
        for name in re.findall(
            r"roleAssignments@[^']*' = \{\n(?:  scope: .*\n)?  name: (.*)\n", text
        )
    ]
    assert len(assignments) >= 12
    assert all(re.search(r"guid\(.*(app|deadLetter)PrincipalId", each) for each in assignments)


def test_what_lies_outside_the_deployments_group_bears_its_name() -> None:
    """Diagnostic settings, event subscriptions and alarms stand beside those of others."""
    settings = {"subscription.bicep", "registry.bicep"}
    for file in settings:
        assert re.findall(
            r"diagnosticSettings@[^']*' =.*\n(?:  scope: .*\n)?  name: (.*)\n", TEXT[file]
        ) == ["settingName"]
    assert TEXT["main.bicep"].count("settingName: name\n") == len(settings)
    named = re.findall(
        r"eventSubscriptions@[^']*' = .*\n  parent: topic\n  name: (.*)\n", "".join(TEXT.values())
    )
    assert set(named) == {"eventSubscriptionName"}
    assert "eventSubscriptionName: name\n" in TEXT["main.bicep"]
    assert "eventSubscriptionName: settingName\n" in TEXT["registry.bicep"]
    assert (
        "eventSubscriptionName: '${eventSubscriptionName}-own'" in TEXT["subscription-topic.bicep"]
    )


def test_each_deployment_watches_its_own_subscription_only() -> None:
    main = (INFRA / "main.bicep").read_text()
    assert "toLower(split(id, '/')[2]) != toLower(subscription().subscriptionId)" in main
    assert "source: subscription().id" in TEXT["subscription-topic.bicep"]


def test_the_same_change_in_two_subscriptions_is_two_alerts(azure: HttpStub) -> None:
    """One name everywhere: group, registry, deployment."""
    found: list[Alert] = []
    for subscription in (SUBSCRIPTION, OTHER):
        registry = registry_id().replace(SUBSCRIPTION, subscription)
        scene = Scene(azure, WatchScope((registry,)))
        for access in ("True", "False"):
            for path in (PLANS, f"{registry}/providers/Microsoft.Security/pricings"):
                azure.answers(
                    f"{path}/Containers".replace(SUBSCRIPTION, subscription), plan(access=access)
                )
            azure.answers(
                f"{PLANS}/CloudPosture".replace(SUBSCRIPTION, subscription), plan(access="False")
            )
            scene.watcher.look_at_all()
        found += scene.alerts
    assert [alert.rule for alert in found] == ["acr-image-scan-disabled"] * 2
    assert len({alert.id for alert in found}) == 2
    assert {alert.account for alert in found} == {SUBSCRIPTION, OTHER}
