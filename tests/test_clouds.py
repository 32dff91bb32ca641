"""What is known of each cloud, held against what its SDK knows."""

import json
from pathlib import Path
from typing import Any, get_args

import botocore
import pytest

from registrywatch.clouds import AWS, AZURE, CLOUDS
from registrywatch.events import Cloud
from tests.builders.cases import for_each

PARTITIONS: list[dict[str, Any]] = json.loads(
    (Path(botocore.__file__).parent / "data" / "partitions.json").read_text("utf-8")
)["partitions"]
REGIONS = [
    (partition["id"], region, partition["outputs"]["dnsSuffix"])
    for partition in PARTITIONS
    for region in partition["regions"]
    if not region.endswith("-global")
]


def test_every_cloud_that_an_event_may_name_is_known_by_its_name() -> None:
    assert set(CLOUDS) == set(get_args(Cloud))
    assert all(cloud.name == name for name, cloud in CLOUDS.items())


def test_an_unknown_cloud_is_an_error() -> None:
    with pytest.raises(KeyError):
        CLOUDS["gcp"]  # type: ignore[index]


@for_each(("partition", "region", "domain"), REGIONS)
def test_every_region_that_botocore_knows_lies_in_its_partition(
    partition: str, region: str, domain: str
) -> None:
    found = AWS.partition_of_region(region)
    assert (found.name, found.registries) == (partition, domain)


def test_every_partition_that_botocore_knows_is_known() -> None:
    assert {each.name for each in AWS.partitions} == {each["id"] for each in PARTITIONS}


@for_each(
    ("host", "console"),
    [
        ("contoso.azurecr.io", "portal.azure.com"),
        ("contoso.azurecr.cn", "portal.azure.cn"),
        ("contoso.azurecr.us", "portal.azure.us"),
        ("contoso.westeurope.geo.azurecr.cn", "portal.azure.cn"),
        ("evilazurecr.cn", "portal.azure.com"),
        ("", "portal.azure.com"),
    ],
)
def test_a_login_server_tells_the_portal(host: str, console: str) -> None:
    assert AZURE.partition_of_host(host).console == console


@for_each(
    ("address", "registries"),
    [
        ("https://management.azure.com/", "azurecr.io"),
        ("https://management.chinacloudapi.cn", "azurecr.cn"),
        ("https://Management.UsGovCloudApi.net:443/", "azurecr.us"),
        ("https://evil.management.chinacloudapi.cn.example/", "azurecr.io"),
        ("", "azurecr.io"),
    ],
)
def test_the_address_of_resource_manager_tells_the_domain_of_registries(
    address: str, registries: str
) -> None:
    assert AZURE.partition_of_management(address).registries == registries


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        (AWS, "111122223333, eu-west-1"),
        (AZURE, "contoso.azurecr.io, westeurope"),
    ],
)
def test_a_place_is_named_as_the_people_of_that_cloud_name_it(cloud: Any, words: str) -> None:
    sample = cloud.sample
    assert cloud.where(sample.account, sample.region, sample.registry) == words
    assert cloud.where(None, None, None) == "place unknown"
