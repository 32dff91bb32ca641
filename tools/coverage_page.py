"""Every operation of the registries' APIs: the rule that reads it, or why none does."""

from collections.abc import Iterator

import msgspec

from registrywatch.sources.cloudtrail import CALLS
from tests.builders.azure import registry_id
from tools import coverage_reads, coverage_reasons

SERVICES = {"ecr": "ecr.amazonaws.com", "ecr-public": "ecr-public.amazonaws.com"}
PROVIDER = "Microsoft.ContainerRegistry/"

_HEAD = """\
# Coverage

<!-- Written by `make docs` from the SDK's models, the readers and the catalogue. -->

Every operation of Amazon ECR and ECR Public, from the API models in botocore, and the operations
of Microsoft.ContainerRegistry: which rule reads it, or why none does. A test fails if a new SDK
has an operation that is neither read nor explained here, or if the EventBridge patterns of
template.yaml name other operations than this page.

Calls that failed are not read, with one exception: `ecr-denied-calls` counts refused calls.
"""
_AZURE = """\
Azure has no SDK that lists its operations. This list comes from Microsoft's "Azure permissions for
Containers" of March 2024. It leaves out operations that only read: the Activity Log does not record
them. Newer operations are missing unless a rule reads them.
"""


class Operation(msgspec.Struct, frozen=True):
    """An operation, with the rules that read it or the reason why none does.

    It has neither if it is not classified.
    """

    name: str
    rules: tuple[str, ...]
    reason: str

    @property
    def classified(self) -> bool:
        return bool(self.rules or self.reason)


def of_service(service: str) -> list[Operation]:
    """All operations of an AWS API, from botocore's model of it."""
    from botocore.session import get_session

    source = SERVICES[service]
    reasons = coverage_reasons.AWS[source]
    return [
        Operation(name, coverage_reads.rules_of_call(source, name), reasons.get(name, ""))
        for name in sorted(get_session().get_service_model(service).operation_names)
    ]


def of_azure() -> list[Operation]:
    """The operations of Microsoft.ContainerRegistry."""
    return [
        Operation(
            PROVIDER + name, coverage_reads.rules_of_operation(PROVIDER + name, _id(name)), reason
        )
        for name, reason in coverage_reasons.AZURE
    ]


def of_log() -> list[Operation]:
    """The operations of a registry's resource log."""
    return [
        Operation(name, coverage_reads.rules_of_log(name), reason)
        for name, reason in coverage_reasons.LOG
    ]


def elsewhere() -> list[Operation]:
    """Calls of other AWS services that a rule reads."""
    return [
        Operation(f"{source.partition('.')[0]} {name}", rules, "")
        for source in sorted(CALLS.keys() - SERVICES.values())
        for name in sorted(CALLS[source])
        if (rules := coverage_reads.rules_of_call(source, name))
    ]


def document() -> str:
    """The page, as Markdown."""
    ecr, public = of_service("ecr"), of_service("ecr-public")
    return "\n".join(
        [
            _HEAD,
            *_section("Amazon ECR", ecr),
            *_section("Amazon ECR Public", public),
            *_section("Other AWS services", elsewhere()),
            *_section("Azure Container Registry: changes of resources", of_azure(), _AZURE),
            *_section("Azure Container Registry: the resource log", of_log()),
        ]
    )


def _section(title: str, operations: list[Operation], text: str = "") -> Iterator[str]:
    read = sum(bool(each.rules) for each in operations)
    yield f"## {title}\n"
    if text:
        yield text
    yield f"{read} of {len(operations)} are read.\n"
    yield "| operation | rule, or why none reads it |"
    yield "|---|---|"
    for each in operations:
        rules = ", ".join(f"[`{rule}`](rules.md#{rule})" for rule in each.rules)
        yield f"| `{each.name}` | {rules or each.reason} |"
    yield ""


def _id(operation: str) -> str:
    """The id of a resource that the operation may be about."""
    kinds = operation.split("/")[1:-1]
    if kinds and operation.endswith("/action"):
        kinds = kinds[:-1]
    inner = "".join(f"/{kind}/x" for kind in kinds)
    return registry_id() + inner
