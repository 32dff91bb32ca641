"""What ECR's calls about replication did.

Members are those of the ECR API (botocore's model). If a response shows the whole result, it
decides over the request, which may name only what changes.
"""

import msgspec

from registrywatch.events import (
    ReplicationBackfillStarted,
    ReplicationBackfillStopped,
    ReplicationRule,
    ReplicationSet,
    ReplicationTarget,
    What,
)
from registrywatch.sources.cloudtrail_record import Filter, filters_of
from registrywatch.sources.wide_record import WideRecord, parts


class Target(msgspec.Struct):
    region: str | None = None
    registryId: str | None = None


class DeleteReplication(msgspec.Struct):
    enabled: bool | None = None


class Replicated(msgspec.Struct):
    destinations: list[Target] | None = None
    repositoryFilters: list[Filter] | None = None
    deleteReplication: DeleteReplication | None = None


class ReplicationConfiguration(msgspec.Struct):
    rules: list[Replicated] | None = None


_replication = msgspec.json.Decoder(ReplicationConfiguration | None).decode
_target = msgspec.json.Decoder(Target | None).decode


def set_replication(record: WideRecord) -> What | None:
    """PutReplicationConfiguration: replaces the registry's whole replication."""
    request, response = parts(record)
    made = _replication(response.replicationConfiguration)
    made = made or _replication(request.replicationConfiguration)
    if made is None:  # the call can't be made without
        return ReplicationSet((), omitted=True)
    return ReplicationSet(
        tuple(
            ReplicationRule(
                tuple(
                    ReplicationTarget(each.region, each.registryId)
                    for each in rule.destinations or ()
                ),
                _prefixes(rule.repositoryFilters),
                bool(rule.deleteReplication and rule.deleteReplication.enabled),
            )
            for rule in made.rules or ()
        )
    )


def _prefixes(filters: list[Filter] | None) -> tuple[str, ...]:
    """The prefixes of the names that are copied; none if one of them is that of every name."""
    every = any(each.filter == "" for each in filters or ())
    return () if every else filters_of(filters)


def start_backfill(record: WideRecord) -> What | None:
    """StartReplicationBackfill."""
    request, _ = parts(record)
    return ReplicationBackfillStarted(_destination(record), omitted=bool(request.omitted))


def stop_backfill(record: WideRecord) -> What | None:
    """StopReplicationBackfill: the response shows the destination."""
    return ReplicationBackfillStopped(_destination(record))


def _destination(record: WideRecord) -> ReplicationTarget | None:
    request, response = parts(record)
    target = _target(response.destination) or _target(request.destination)
    return ReplicationTarget(target.region, target.registryId) if target else None
