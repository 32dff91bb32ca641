"""The options that say which deployment a command is about."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registrywatch.cli.deployed.deployment import Deployment

CLOUDS = ("aws", "azure")


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


def deployment_of(cloud: str, arguments: argparse.Namespace) -> "Deployment":
    """The deployment. Raises StoreError, StateUnknown, SettingsError."""
    if cloud == "aws":
        from registrywatch.cli.deployed import aws

        return aws.deployed(arguments.stack, arguments.region)
    from registrywatch.extras import needs

    with needs("azure"):
        from registrywatch.cli.deployed import azure
    return azure.deployed(azure.environment(arguments.resource_group, arguments.subscription))
