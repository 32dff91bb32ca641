"""Links lead to the clouds' consoles and to ATT&CK, and nowhere else."""

from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert
from registrywatch.alerts.links import attack_links, links, runbook_links
from registrywatch.rules.rule import Mitre
from tests.alerts.hostile import hostile_alerts
from tests.builders.alerts import an_alert

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
RESOURCE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/prod/providers"
    "/Microsoft.ContainerRegistry/registries/contoso"
)


def urls(alert: Alert) -> list[str]:
    return [link.url for link in links(alert)]


def test_aws_links_to_the_event_and_the_repository_in_its_region() -> None:
    event, repository = urls(an_alert(1, repository="prod/api"))
    assert event == (
        "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1"
        "#/events/b1946ac9-2ab7-4c54-9f16-000000000001"
    )
    assert repository == (
        "https://eu-west-1.console.aws.amazon.com/ecr/repositories/private/111122223333"
        "/prod/api?region=eu-west-1"
    )


def test_several_repositories_link_to_the_registry() -> None:
    assert urls(an_alert(repository=None))[1] == (
        "https://eu-west-1.console.aws.amazon.com/ecr/private-registry/repositories"
        "?region=eu-west-1"
    )


def test_public_registries_are_elsewhere() -> None:
    assert (
        "/ecr/repositories/public/111122223333/prod/api"
        in (urls(an_alert(registry="public.ecr.aws/abc", region="us-east-1"))[1])
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("ap-southeast-3", "ap-southeast-3.console.aws.amazon.com"),
    ],
)
def test_partitions_have_their_own_consoles(region: str, host: str) -> None:
    assert {urlsplit(url).hostname for url in urls(an_alert(region=region))} == {host}


@pytest.mark.parametrize("resource", [RESOURCE, RESOURCE.lower(), f"{RESOURCE}/tokens/ci"])
def test_azure_links_to_the_registry_itself_and_its_activity_log(resource: str) -> None:
    registry = resource.removesuffix("/tokens/ci")
    alert = an_alert(cloud="azure", registry="contoso.azurecr.io", resource=resource)
    assert urls(alert) == [
        f"https://portal.azure.com/#resource{registry}/overview",
        f"https://portal.azure.com/#resource{registry}/eventlogs",
    ]


@pytest.mark.parametrize("resource", [f"{RESOURCE}!", f"x{RESOURCE}", "/subscriptions/evil"])
def test_a_resource_id_that_is_none_gives_the_list(resource: str) -> None:
    [url] = urls(an_alert(cloud="azure", registry="contoso.azurecr.io", resource=resource))
    assert "BrowseResource" in url


@pytest.mark.parametrize(
    ("registry", "host"),
    [
        ("contoso.azurecr.io", "portal.azure.com"),
        ("contoso.azurecr.cn", "portal.azure.cn"),
        ("contoso.azurecr.us", "portal.azure.us"),
        (None, "portal.azure.com"),
    ],
)
def test_azure_links_to_the_list_of_registries_where_only_a_name_is_known(
    registry: str | None, host: str
) -> None:
    [url] = urls(an_alert(cloud="azure", registry=registry))
    assert url == (
        f"https://{host}/#view/HubsExtension/BrowseResource"
        "/resourceType/Microsoft.ContainerRegistry%2Fregistries"
    )


def test_techniques_link_to_attack() -> None:
    found = attack_links(an_alert(mitre=(Mitre("TA0005", "T1562.008"), Mitre("TA0040", "T1485"))))
    assert [(link.text, link.url) for link in found] == [
        ("ATT&CK T1562.008", "https://attack.mitre.org/techniques/T1562/008/"),
        ("ATT&CK T1485", "https://attack.mitre.org/techniques/T1485/"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"region": "evil.test/#"},
        {"region": "eu-west-1.evil.test"},
        {"region": "eu-west-1\n"},
        {"region": None},
    ],
)
def test_a_region_that_is_none_gives_no_link(said: dict[str, str | None]) -> None:
    assert links(an_alert(**said)) == ()


def test_an_event_id_that_is_none_gives_no_link() -> None:
    assert len(urls(an_alert(events=("../../evil", "javascript:alert(1)")))) == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_links_lead_to_the_consoles(alert: Alert) -> None:
    for link in (*links(alert), *attack_links(alert)):
        parts = urlsplit(link.url)
        assert parts.scheme == "https"
        assert parts.hostname is not None
        assert parts.hostname.endswith(
            (
                ".console.aws.amazon.com",
                ".console.amazonaws.cn",
                ".console.amazonaws-us-gov.com",
                "portal.azure.com",
                "portal.azure.cn",
                "portal.azure.us",
                "attack.mitre.org",
            )
        )
        assert link.url.isascii()
        assert not set(link.url) & set("<>|\"'` \\")


def test_a_runbook_has_a_section_for_each_rule() -> None:
    [link] = runbook_links(an_alert(), "https://wiki.example/rules")
    assert (link.text, link.url) == ("Runbook", "https://wiki.example/rules#ecr-images-deleted")
    assert runbook_links(an_alert(), "") == ()
    assert runbook_links(an_alert(rule="x>|evil"), "https://wiki.example/rules") == ()
