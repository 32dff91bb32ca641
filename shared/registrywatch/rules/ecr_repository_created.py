"""A repository is created over an outdated TLS version, or one that was not recorded."""

import re

from registrywatch.events import RegistryEvent, RepositoryCreated
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown, the_repository
from registrywatch.severity import Severity

LEAST_TLS = (1, 3)


def _judge(event: RegistryEvent, created: RepositoryCreated, _trust: Trust) -> Finding | None:
    version = tls_version(created.tls)
    if version is None:
        severity, why = Severity.INFORMATIONAL, "TLS version not recorded."
    elif version < LEAST_TLS:
        severity, why = Severity.MEDIUM, f"The call used {shown(created.tls or '')}, below TLS 1.3."
    else:
        return None
    return Finding(severity, f"created {the_repository(event)}", (why, *_weak(created)))


def tls_version(text: str | None) -> tuple[int, int] | None:
    """The version in "TLSv1.3", as numbers that can be compared; SSL is older than any TLS.

    None for anything else: it is treated as not recorded.
    """
    found = re.fullmatch(_VERSION, text.strip()) if text else None
    if not found:
        return None
    protocol, major, minor = found.groups()
    return (int(major) if protocol.casefold() == "tls" else 0, int(minor or 0))


_VERSION = r"(?i)(tls|ssl)[v ]?([0-9]{1,3})(?:\.([0-9]{1,3}))?"


def _weak(created: RepositoryCreated) -> list[str]:
    weak = []
    if created.mutability and created.mutability.upper() != "IMMUTABLE":
        weak.append(f"Its tags can be overwritten from the start ({shown(created.mutability)}).")
    if created.scan_on_push is False:
        weak.append("Its setting scan on push is off.")
    return weak


ECR_REPOSITORY_CREATED = Rule(
    name="ecr-repository-created",
    title="Repository Created",
    cloud="aws",
    mitre=(Mitre("TA0003", "T1525"),),
    reads=(RepositoryCreated,),
    description=(
        "A repository was created in ECR or ECR Public, and the call did not use TLS 1.3 or did "
        "not record its TLS version. Below 1.3 it is medium. Without a record (console, "
        "CloudFormation, create-on-push, pull-through cache, replication) it is informational. "
        "Tags that can be overwritten and missing scanning are given as reasons."
    ),
    impact=(
        "An intruder's own repository is a foothold: its images look like the company's and are "
        "trusted like them. An old TLS version suggests a tool that is not yours, and protects "
        "credentials and images less."
    ),
    mitigation=(
        "Ask the actor whether the repository should exist, and under this name. If not, keep its "
        "images as evidence, delete the repository, and check what else the same actor did. If it "
        "should, move the client to TLS 1.3, make tags immutable and switch scanning on."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html",
    ),
    harmless=(
        "Infrastructure as code or a build server with an old SDK; TLS 1.2 is still AWS's minimum.",
        "A pull-through cache, replication or create-on-push created the repository.",
        "It was created in the console or with CloudFormation, which record no TLS version.",
    ),
    judge=_judge,
)
