"""Which deployment a command is about: the options that say it, and the module of its cloud."""

import argparse
import importlib
from typing import TYPE_CHECKING, Protocol

from registrywatch.extras import needs

if TYPE_CHECKING:
    from registrywatch.checks import Item
    from registrywatch.cli.deployed.deployment import Deployment

CLOUDS = ("aws", "azure")
"""The clouds of deployments. Each has a module here, and an extra, with its name."""


def add_where(parser: argparse.ArgumentParser) -> None:
    """Declare them, for both clouds."""
    parser.add_argument(
        "--stack", default="registrywatch", metavar="NAME", help="the stack's name on AWS"
    )
    parser.add_argument("--region", metavar="REGION", help="the stack's region on AWS")
    parser.add_argument(
        "--resource-group",
        metavar="NAME",
        help="the deployment's resource group on Azure (default: what this environment says, as "
        "the function app's does)",
    )
    parser.add_argument(
        "--subscription",
        metavar="ID",
        help="its subscription (default: AZURE_SUBSCRIPTION_ID, else the one that has the group)",
    )


class CloudModule(Protocol):
    """What a cloud's module has. Both functions raise StoreError, StateUnknown, SettingsError."""

    def deployment(self, arguments: argparse.Namespace) -> "Deployment":
        """The deployment that the options name."""

    def items(self, arguments: argparse.Namespace) -> "tuple[Item, ...]":
        """The items of its check, and those on the registries whose events arrive."""


def module_of(cloud: str) -> CloudModule:
    """The module of a cloud, which is loaded with its SDK when it is used."""
    with needs(cloud):
        module: CloudModule = importlib.import_module(f"registrywatch.cli.deployed.{cloud}")
    return module
