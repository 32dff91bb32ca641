"""Azure Government and Azure China: domains follow from the address of Resource Manager."""

import json
from pathlib import Path

import pytest

from functions.azure import parts, wiring
from registrywatch.alerts.links import links
from registrywatch.azure.inventory import Inventory
from registrywatch.azure.rechecks import decode
from registrywatch.azure.scope import watch_scope
from registrywatch.clouds import AZURE, Partition
from registrywatch.sources.remote import azure_sign_in, blobs
from tests.azure.given import Scene, events
from tests.azure.http_stub import HttpStub
from tests.builders.azure import deleted, registry_id, resource_changed
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

ROOT = Path(__file__).parents[2]
CHINA, GOVERNMENT = AZURE.partitions[1:]
DELETED = "Microsoft.ContainerRegistry/registries/delete"


def from_registry_of(cloud: Partition) -> Json:
    """An image deleted, as the registry of that cloud reports it."""
    event = deleted(image=None)
    event["data"]["request"]["host"] = f"example.{cloud.registries}"
    return event


@for_each("cloud", [CHINA, GOVERNMENT])
def test_an_alert_names_the_host_and_links_to_the_portal_of_its_cloud(
    azure: HttpStub, cloud: Partition
) -> None:
    scene = Scene(azure, watch_scope([registry_id()], [], cloud=cloud))
    scene.watcher.handle(events(resource_changed(DELETED, registry_id())))
    (alert,) = scene.alerts
    assert alert.registry == f"example.{cloud.registries}"
    shown = links(alert)
    assert shown
    assert all(link.url.startswith(f"https://{cloud.console}/") for link in shown)


@for_each("cloud", [CHINA, GOVERNMENT])
def test_images_are_counted_at_the_registrys_own_host_and_at_no_other(
    azure: HttpStub, cloud: Partition
) -> None:
    azure.answers("/oauth2/exchange", {"refresh_token": "refresh"})
    azure.answers("/oauth2/token", {"access_token": "access"})
    azure.answers("/acr/v1/orders-api", {"manifestCount": 12})
    scene = Scene(azure, watch_scope([registry_id()], [], cloud=cloud))
    event = from_registry_of(cloud)
    event["data"]["target"]["digest"] = "sha256:" + "a" * 64
    scene.watcher.handle(events(event))
    text, _ = scene.queue.take()
    scene.watcher.recheck(decode(text))
    inventory = Inventory(scene.image_rows, lambda: T0)
    assert inventory.known(f"example.{cloud.registries}", "orders-api") == 12


def test_a_host_of_no_known_domain_is_tolerated_where_the_registrys_id_is_there(
    azure: HttpStub,
) -> None:
    scene = Scene(azure, watch_scope([registry_id()], [], cloud=CHINA))
    event = deleted(image=None)
    event["data"]["request"]["host"] = "images.contoso.example"
    assert scene.watcher.handle(events(event)).failed == {}
    (alert,) = scene.alerts
    assert (alert.registry, alert.resource) == ("images.contoso.example", registry_id().lower())


@for_each(
    ("address", "audience"),
    [
        ("https://management.azure.com/", "https://containerregistry.azure.net/.default"),
        ("https://management.chinacloudapi.cn", "https://management.chinacloudapi.cn/.default"),
        (
            "https://management.usgovcloudapi.net/",
            "https://management.usgovcloudapi.net/.default",
        ),
    ],
)
def test_registries_are_given_tokens_for_their_own_cloud(
    monkeypatch: pytest.MonkeyPatch, address: str, audience: str
) -> None:
    asked: list[str] = []

    def token_for(scope: str, _client_id: str | None) -> type[str]:
        asked.append(scope)
        return str

    monkeypatch.setattr(parts, "token_for", token_for)
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    wiring.build({**sample, "REGISTRYWATCH_AZURE_RESOURCE_MANAGER": address})
    assert set(asked) == {audience, f"{address.rstrip('/')}/.default"}


@for_each(
    ("address", "host", "logs"),
    [
        ("", "logs.blob.core.windows.net", "api.loganalytics.azure.com"),
        (
            "https://management.chinacloudapi.cn",
            "logs.blob.core.chinacloudapi.cn",
            "api.loganalytics.azure.cn",
        ),
        (
            "https://management.usgovcloudapi.net",
            "logs.blob.core.usgovcloudapi.net",
            "api.loganalytics.us",
        ),
    ],
)
def test_replay_reads_from_the_cloud_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, address: str, host: str, logs: str
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_AZURE_RESOURCE_MANAGER", address)
    assert blobs.host_of("logs") == host
    assert azure_sign_in.partition().logs == logs


def test_no_address_of_one_cloud_stands_in_a_template() -> None:
    domains = ["windows.net", "azure.net", "azure.com", "azurecr.", "chinacloudapi", "azure.us"]
    for template in (ROOT / "infra/azure").rglob("*.bicep"):
        text = template.read_text()
        assert [each for each in domains if each in text] == [], template.name
