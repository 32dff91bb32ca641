"""The stack: which resources it has, and where."""

from collections.abc import Mapping

import msgspec

from registrywatch.aws.check.calls import ask, pages
from registrywatch.aws.patterns import StackPlace


class Stack(msgspec.Struct, frozen=True):
    """A stack's resources: by type, then by logical id, the physical id.

    `parameters` are those that it was deployed with; `changing`: CloudFormation is at work on it.
    """

    place: StackPlace
    resources: Mapping[str, Mapping[str, str]]
    changing: bool = False
    parameters: Mapping[str, str] = {}

    def of(self, kind: str) -> Mapping[str, str]:
        """The physical ids of all resources of a type, by logical id."""
        return self.resources.get(kind, {})

    def one(self, kind: str, logical: str) -> str | None:
        """The physical id of one resource; None if the stack has none of that name."""
        return self.of(kind).get(logical)

    @property
    def deploy_again(self) -> str:
        """How to restore a resource: CloudFormation does not recreate a deleted one."""
        return f"sam delete --stack-name {self.place.stack} && sam deploy"

    def alias(self, function: str) -> str | None:
        """The ARN of the alias that a function's events go to; None without Canary."""
        return self.one("AWS::Lambda::Alias", function.replace("Function", "Alias"))

    def function_arn(self, name: str) -> str:
        return self.place.arn("lambda", f"function:{name}")

    def queue_arn(self, url: str) -> str:
        return self.place.arn("sqs", url.rpartition("/")[2])

    def rule_arn(self, name: str) -> str:
        return self.place.arn("events", f"rule/{name}")


def stack_named(name: str) -> Stack | None:
    """The stack; None if there is none of that name in this account and region.

    Raises StoreError.
    """
    found = ask("cloudformation", "describe_stacks", StackName=name)
    if found is None or not found["Stacks"]:
        return None
    _, partition, _, region, account, _ = found["Stacks"][0]["StackId"].split(":", 5)
    resources: dict[str, dict[str, str]] = {}
    listed = pages(
        "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
    )
    for each in listed:
        if each.get("PhysicalResourceId") and each.get("ResourceStatus") != "DELETE_COMPLETE":
            of_kind = resources.setdefault(each["ResourceType"], {})
            of_kind[each["LogicalResourceId"]] = each["PhysicalResourceId"]
    stack = found["Stacks"][0]
    parameters = {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", ())
    }
    return Stack(
        StackPlace(name, account, region, partition),
        resources,
        stack["StackStatus"].endswith("_IN_PROGRESS"),
        parameters,
    )
