"""The facts about each cloud, as one value: its words, its ids in OCSF, its partitions.

`CLOUDS` has every cloud by name; any other name is a KeyError. Sources: AWS's partitions as in
botocore (a test compares them), OCSF 1.5's dictionary, and Microsoft's "Azure Government and China
endpoints".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from registrywatch.events import Actor, Cloud


class Partition(msgspec.Struct, frozen=True):
    """A part of a cloud that has its own domains.

    `regions` is the prefix of its regions' names, "" if the names do not show the partition.
    `registries` is the domain of its registries. `console` is the host of its console, None if none
    is known; on AWS the region is put before it. Only on Azure: `management` is the host of
    Resource Manager, `storage` the domain of storage accounts, `logs` the host for queries of Log
    Analytics.
    """

    name: str
    registries: str
    console: str | None
    regions: str = ""
    management: str = ""
    storage: str = ""
    logs: str = ""


class Sample(msgspec.Struct, frozen=True):
    """A fictional place and actor, for sample alerts."""

    account: str
    region: str
    registry: str
    resource: str
    actor: Actor


class CloudFacts(msgspec.Struct, frozen=True):
    """One cloud.

    `label` is the cloud's name and OCSF's provider; `registry` its registry service; `account` its
    word for an account; `ocsf_account` OCSF's `type_id` and `type` of an account. `place` says
    whether the account or the registry best names the place of an event. `partitions` has the main
    one first.
    """

    name: Cloud
    label: str
    registry: str
    account: str
    ocsf_account: tuple[int, str]
    place: Literal["account", "registry"]
    partitions: tuple[Partition, ...]
    sample: Sample

    def partition_of_region(self, region: str) -> Partition:
        """The partition of a region: the main one, unless the region's name says otherwise."""
        for each in self.partitions:
            if each.regions and region.startswith(each.regions):
                return each
        return self._main

    def partition_of_host(self, registry: str) -> Partition:
        """The partition of a registry's host name: the main one if none matches."""
        for each in self.partitions:
            if registry.endswith(f".{each.registries}"):
                return each
        return self._main

    def partition_of_management(self, address: str) -> Partition:
        """The partition of a Resource Manager's address: the main one if none matches."""
        host = address.lower().partition("://")[2].partition("/")[0].partition(":")[0]
        return next((each for each in self.partitions if each.management == host), self._main)

    @property
    def _main(self) -> Partition:
        return self.partitions[0]

    def where(self, account: str | None, region: str | None, registry: str | None) -> str:
        """A place as text: "111122223333, eu-west-1", or "contoso.azurecr.io, westeurope"."""
        place = account if self.place == "account" else registry or account
        return ", ".join(filter(None, (place, region))) or "place unknown"


_AGENT = "docker/27.0.3 go/go1.22.4 os/linux arch/amd64"

AWS = CloudFacts(
    name="aws",
    label="AWS",
    registry="Amazon ECR",
    account="Account",
    ocsf_account=(10, "AWS Account"),
    place="account",
    partitions=(
        Partition("aws", "amazonaws.com", "console.aws.amazon.com"),
        Partition("aws-cn", "amazonaws.com.cn", "console.amazonaws.cn", "cn-"),
        Partition("aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com", "us-gov-"),
        Partition("aws-eusc", "amazonaws.eu", "console.amazonaws-eusc.eu", "eusc-"),
        Partition("aws-iso", "c2s.ic.gov", None, "us-iso-"),
        Partition("aws-iso-b", "sc2s.sgov.gov", None, "us-isob-"),
        Partition("aws-iso-e", "cloud.adc-e.uk", None, "eu-isoe-"),
        Partition("aws-iso-f", "csp.hci.ic.gov", None, "us-isof-"),
    ),
    sample=Sample(
        account="111122223333",
        region="eu-west-1",
        registry="111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        resource="arn:aws:ecr:eu-west-1:111122223333:repository/prod/api",
        actor=Actor(
            id="arn:aws:iam::111122223333:role/Dev",
            name="Dev/alice",
            type="AssumedRole",
            ip="203.0.113.12",
            user_agent=_AGENT,
        ),
    ),
)

AZURE = CloudFacts(
    name="azure",
    label="Azure",
    registry="Azure Container Registry",
    account="Subscription",
    ocsf_account=(13, "Azure Subscription"),
    place="registry",
    partitions=(
        Partition(
            "AzureCloud",
            "azurecr.io",
            "portal.azure.com",
            management="management.azure.com",
            storage="core.windows.net",
            logs="api.loganalytics.azure.com",
        ),
        Partition(
            "AzureChinaCloud",
            "azurecr.cn",
            "portal.azure.cn",
            management="management.chinacloudapi.cn",
            storage="core.chinacloudapi.cn",
            logs="api.loganalytics.azure.cn",
        ),
        Partition(
            "AzureUSGovernment",
            "azurecr.us",
            "portal.azure.us",
            management="management.usgovcloudapi.net",
            storage="core.usgovcloudapi.net",
            logs="api.loganalytics.us",
        ),
    ),
    sample=Sample(
        account="00000000-0000-4000-8000-000000000001",
        region="westeurope",
        registry="contoso.azurecr.io",
        resource=(
            "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/prod"
            "/providers/microsoft.containerregistry/registries/contoso"
        ),
        actor=Actor(
            id="11111111-2222-4333-8444-555555555555",
            name="alice@contoso.example",
            type="user",
            ip="203.0.113.12",
            user_agent=_AGENT,
        ),
    ),
)

CLOUDS: Mapping[Cloud, CloudFacts] = MappingProxyType({each.name: each for each in (AWS, AZURE)})
"""Every cloud by its name."""
