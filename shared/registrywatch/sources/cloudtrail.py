"""CloudTrail records of ECR and ECR Public, as RegistryEvents."""

import functools
import sys
from collections.abc import Callable

import msgspec

from registrywatch import times
from registrywatch.clouds import AWS
from registrywatch.errors import UnreadableInput
from registrywatch.events import CallDenied, RegistryEvent, What
from registrywatch.sources import ecr_calls, ecr_settings, identity, rare_calls, refused_calls
from registrywatch.sources.cloudtrail_record import (
    NeedsWideRecord,
    Record,
    Request,
    is_wide,
)

# The frequent calls that some rule reads, by event source. The patterns of the EventBridge rules in
# template.yaml name exactly these and the rare ones; a test compares the two.
_REGISTRY_CALLS: dict[str, dict[str, Callable[[Record], What | None]]] = {
    "ecr.amazonaws.com": {
        "BatchGetImage": ecr_calls.pull,
        "PutImage": ecr_calls.push,
        "BatchDeleteImage": ecr_calls.delete_images,
        "PolicyExecutionEvent": ecr_calls.expire_images,
        "CreateRepository": ecr_settings.create_repository,
        "DeleteRepository": ecr_settings.delete_repository,
        "SetRepositoryPolicy": ecr_settings.set_policy,
        "PutRegistryPolicy": ecr_settings.set_policy,
        "PutImageScanningConfiguration": ecr_settings.set_repository_scanning,
        "PutRegistryScanningConfiguration": ecr_settings.set_registry_scanning,
        "PutImageTagMutability": ecr_settings.set_tag_mutability,
        "PutLifecyclePolicy": ecr_settings.set_lifecycle_policy,
    },
    "ecr-public.amazonaws.com": {
        "PutImage": ecr_calls.push,
        "BatchDeleteImage": ecr_calls.delete_images,
        "CreateRepository": ecr_settings.create_repository,
        "DeleteRepository": ecr_settings.delete_repository,
        "SetRepositoryPolicy": ecr_settings.set_public_policy,
    },
    # Seen by one user on repositories that replication creates; unverified.
    "replication.ecr.amazonaws.com": {"CreateRepository": ecr_settings.create_repository},
}
CALLS: dict[str, frozenset[str]] = {
    source: frozenset({*_REGISTRY_CALLS.get(source, ()), *rare_calls.NAMES.get(source, ())})
    for source in (*_REGISTRY_CALLS, *rare_calls.NAMES)
}
"""The names of all calls that some rule reads, by event source."""
REFUSED = frozenset(_REGISTRY_CALLS)
"""The event sources whose refused calls some rule reads, whatever the call."""
REGISTRIES = tuple(_REGISTRY_CALLS)
"""The event sources of registries; of their calls, those that were refused are read as well."""
_NO_REQUEST = Request()
_NO_ERROR = frozenset({"null", "None", "-"})
"""What exports write for the error code of a call that succeeded; AWS has no such codes."""


class Resource(msgspec.Struct):
    """A resource of the call; some tools write `arn` for CloudTrail's `ARN`."""

    ARN: str | None = None
    arn: str | None = None


_resources = msgspec.json.Decoder(list[Resource] | None).decode


def is_read(source: object, name: object) -> bool:
    """Whether some rule reads this call."""
    return isinstance(source, str) and isinstance(name, str) and name in CALLS.get(source, ())


def event_of(record: Record) -> RegistryEvent | None:
    """The event of a record; None if no rule reads it.

    A call that failed is no event, unless it was refused: see `CallDenied`.

    Raises UnreadableInput or msgspec.ValidationError if a field has no usable value, and
    NeedsWideRecord if the record of a rare call was not decoded as such.
    """
    what: What | None
    calls = _REGISTRY_CALLS.get(record.eventSource or "")
    if record.errorCode and record.errorCode not in _NO_ERROR:
        what = refused_calls.denied(record) if calls is not None else None
    elif calls is not None and (read := calls.get(record.eventName or "")) is not None:
        what = read(record)
    else:
        what = _rare(record)
    if what is None:
        return None
    if not record.eventID:
        raise UnreadableInput("the record has no eventID")
    by = identity.caller(record.userIdentity, record.sourceIPAddress, record.userAgent)
    seen_in = record.recipientAccountId or by.account
    request = record.requestParameters or _NO_REQUEST
    account, repository = request.registryId, request.repositoryName
    if account is None or repository is None:
        arn_account, arn_repository = _named_by_arn(record)
        account = account or arn_account or seen_in
        repository = repository or arn_repository or ecr_calls.repository_of_service_event(record)
        if repository is None and isinstance(what, CallDenied):  # only the refusal's text names it
            repository = what.repository
    account, region, host, repository, arn = _place(
        record.eventSource, account, record.awsRegion, repository
    )
    if seen_in == account:
        seen_in = account  # likewise one object
    return RegistryEvent(
        record.eventID,
        record.sharedEventID or record.eventID if record.addendum is None else _key(record),
        times.seconds(record.eventTime),
        "aws",
        account,
        region,
        host,
        repository,
        by.actor,
        what,
        by.account,
        seen_in,
        "cloudtrail",
        None,
        None,
        arn,
    )


def _rare(record: Record) -> What | None:
    source, name = record.eventSource or "", record.eventName or ""
    if name not in rare_calls.NAMES.get(source, ()):
        return None
    if not is_wide(record):
        raise NeedsWideRecord
    read = rare_calls.reader(source, name)
    return read and read(record)


def _key(record: Record) -> str:
    """An addendum has the key of the record that it corrects."""
    original = record.addendum.originalEventID if record.addendum else None
    return original or record.sharedEventID or record.eventID or ""


@functools.lru_cache(4096)
def _place(
    source: str | None, account: str | None, region: str | None, repository: str | None
) -> tuple[str | None, ...]:
    """Account, region, the registry's host name, the repository and its ARN.

    All events of one place share these objects, which makes comparisons cheaper.
    """
    partition = AWS.partition_of_region(region or "")
    public = source == "ecr-public.amazonaws.com"
    service = "ecr-public:" if public else f"ecr:{region}"
    known = account is not None and (public or region is not None)
    account = sys.intern(account) if account else account  # as a caller's is
    arn = f"arn:{partition.name}:{service}:{account}:repository/{repository}"
    if public:
        host: str | None = "public.ecr.aws"
    else:
        host = f"{account}.dkr.ecr.{region}.{partition.registries}" if known else None
    return account, region, host, repository, arn if known and repository else None


def _named_by_arn(record: Record) -> tuple[str | None, str | None]:
    """Account and repository of the first repository among the record's resources."""
    for resource in _resources(record.resources) or ():
        parts = (resource.ARN or resource.arn or "").split(":", 5)
        kind, _, name = parts[-1].partition("/")
        if len(parts) == 6 and kind == "repository" and name:
            return parts[4] or None, name
    return None, None


def reader(source: str, name: str) -> Callable[..., What | None] | None:
    """The function that reads a call; None if no rule reads it."""
    frequent = _REGISTRY_CALLS.get(source, {}).get(name)
    return frequent or rare_calls.reader(source, name)
