"""What each ECR call did to a repository or to the registry, read from its request and response.

Members are those of the ECR API (botocore's model). Only the response shows defaults.
"""

from typing import Any

import msgspec

from registrywatch.events import (
    LifecyclePolicySet,
    PolicySet,
    RegistryScanningSet,
    RepositoryCreated,
    RepositoryDeleted,
    RepositoryScanningSet,
    ScanRule,
    TagMutabilitySet,
    What,
)
from registrywatch.sources.cloudtrail_record import (
    NO_RESPONSE,
    WITHHELD,
    Record,
    RegistryScanning,
    Repository,
    filters_of,
)


class TlsDetails(msgspec.Struct):
    """How the call was encrypted; absent for the console and for calls between services."""

    tlsVersion: str | None = None


_tls_details = msgspec.json.Decoder(TlsDetails | None).decode


def create_repository(record: Record) -> What | None:
    """CreateRepository. Only the response shows the initial settings; records of 2018 lack them."""
    response = record.responseElements or NO_RESPONSE
    made = response.repository or Repository()
    scanning = made.imageScanningConfiguration
    return RepositoryCreated(
        tls=(_tls_details(record.tlsDetails) or TlsDetails()).tlsVersion,
        mutability=made.imageTagMutability,
        scan_on_push=scanning.scanOnPush if scanning else None,
        omitted=bool(response.omitted),
    )


def delete_repository(record: Record) -> What | None:
    """DeleteRepository, forced or not."""
    request = record.requestParameters or WITHHELD
    return RepositoryDeleted(forced=bool(request.force), omitted=bool(request.omitted))


def set_policy(record: Record) -> What | None:
    """SetRepositoryPolicy, PutRegistryPolicy."""
    text, omitted = _shown(record, "policyText")
    return PolicySet(text, omitted=omitted)


def set_public_policy(record: Record) -> What | None:
    """ECR Public's SetRepositoryPolicy."""
    text, omitted = _shown(record, "policyText")
    return PolicySet(text, "ecr-public", omitted)


def set_repository_scanning(record: Record) -> What | None:
    """PutImageScanningConfiguration; `{}` means off (inferred from the API's default)."""
    scanning, omitted = _shown(record, "imageScanningConfiguration")
    return RepositoryScanningSet(bool(scanning and scanning.scanOnPush), omitted)


def set_registry_scanning(record: Record) -> What | None:
    """PutRegistryScanningConfiguration: replaces the registry's whole configuration."""
    request = record.requestParameters or WITHHELD
    response = record.responseElements or NO_RESPONSE
    now = response.registryScanningConfiguration or RegistryScanning()
    rules = now.rules if now.rules is not None else request.rules
    return RegistryScanningSet(
        scan_type=now.scanType or request.scanType or "BASIC",  # the API's default
        rules=tuple(
            ScanRule(rule.scanFrequency or "", filters_of(rule.repositoryFilters))
            for rule in rules or ()
        ),
        omitted=rules is None and bool(request.omitted or response.omitted),
    )


def set_tag_mutability(record: Record) -> What | None:
    """PutImageTagMutability. The mode is required: a missing one was withheld."""
    mode, _ = _shown(record, "imageTagMutability")
    filters, _ = _shown(record, "imageTagMutabilityExclusionFilters")
    return TagMutabilitySet(mode or "", filters_of(filters), omitted=not mode)


def set_lifecycle_policy(record: Record) -> What | None:
    """PutLifecyclePolicy."""
    text, omitted = _shown(record, "lifecyclePolicyText")
    return LifecyclePolicySet(text, omitted)


def _shown(record: Record, member: str) -> tuple[Any, bool]:
    """A member of the request, or of the response if the request lacks it.

    And whether it is missing because CloudTrail withheld it.
    """
    request = record.requestParameters or WITHHELD
    response = record.responseElements or NO_RESPONSE
    value = getattr(request, member)
    if value is None:
        value = getattr(response, member)
    return value, value is None and bool(request.omitted)
