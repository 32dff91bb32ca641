"""Images of the registry are copied to other registries, or no longer are."""

from registrywatch.events import (
    RegistryEvent,
    ReplicationBackfillStarted,
    ReplicationBackfillStopped,
    ReplicationSet,
    ReplicationTarget,
)
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, shown
from registrywatch.severity import Severity

type Change = ReplicationSet | ReplicationBackfillStarted | ReplicationBackfillStopped


def _judge(event: RegistryEvent, change: Change, trust: Trust) -> Finding | None:
    match change:
        case ReplicationSet():
            return _replication(event, change, trust)
        case ReplicationBackfillStarted():
            return _backfill(event, change, trust)
        case ReplicationBackfillStopped():
            why = "Images from before the replication was set up are no longer copied."
            return Finding(Severity.INFORMATIONAL, "stopped a replication backfill", (why,))


def _replication(event: RegistryEvent, change: ReplicationSet, trust: Trust) -> Finding:
    did = "replaced the replication of the registry"
    if change.omitted:
        why = "CloudTrail withheld the new rules: they may copy everything to another account."
        return Finding(Severity.HIGH, did, (why,))
    if not change.rules:
        why = "No rule is left: nothing is copied any more. Back-ups may depend on it."
        return Finding(Severity.MEDIUM, f"{did}: all rules are gone", (why,))
    found: list[tuple[Severity, str]] = []
    for rule in change.rules:
        of = f"images of {listed(rule.filters)}" if rule.filters else "every image"
        foreign = [each for each in rule.destinations if _is_foreign(each, event, trust)]
        own = [each for each in rule.destinations if each not in foreign]
        if foreign:
            severity = Severity.HIGH if rule.filters else Severity.CRITICAL
            where = listed(map(_named, foreign))
            found.append((severity, f"copies {of} to {where}, which is not trusted"))
        if rule.deletes:
            where = listed(map(_named, rule.destinations))
            found.append((Severity.MEDIUM, f"repeats every delete in {where}"))
        if own:
            where = listed(map(_named, own))
            found.append((Severity.INFORMATIONAL, f"copies {of} to {where}"))
    if not found:
        found.append((Severity.INFORMATIONAL, "has rules without a destination"))
    found.sort(key=lambda each: -each[0].rank)
    reasons = tuple(dict.fromkeys(f"Replication {why}." for _, why in found))
    return Finding(found[0][0], f"{did}: it {found[0][1]}", reasons)


def _backfill(event: RegistryEvent, change: ReplicationBackfillStarted, trust: Trust) -> Finding:
    if change.omitted or change.destination is None:
        why = "The event does not show the destination: it may be another account."
        return Finding(Severity.HIGH, "started to copy all existing images", (why,))
    where = _named(change.destination)
    did = f"started to copy all existing images to {where}"
    if _is_foreign(change.destination, event, trust):
        why = f"The account {where} is not trusted."
        return Finding(Severity.CRITICAL, did, (why,))
    why = f"The account {where} is the registry's own or trusted."
    return Finding(Severity.INFORMATIONAL, did, (why,))


def _is_foreign(target: ReplicationTarget, event: RegistryEvent, trust: Trust) -> bool:
    return target.account is None or not trust.owns(target.account, event)


def _named(target: ReplicationTarget) -> str:
    account = shown(target.account or "an account that the event does not show")
    return f"{account} in {shown(target.region)}" if target.region else account


ECR_REPLICATION_CHANGED = Rule[Change](
    name="ecr-replication-changed",
    title="Registry Replication Changed",
    cloud="aws",
    mitre=(Mitre("TA0010", "T1537"),),
    reads=(ReplicationSet, ReplicationBackfillStarted, ReplicationBackfillStopped),
    description=(
        "The registry's replication was replaced, or a backfill was started or stopped. A "
        "destination in another account that is not trusted is high; critical if the rule has no "
        "filter, so that every repository is copied, or if a backfill copies all existing images "
        "to it. It is medium if deletes are replicated too, or if no rule is left. Replication to "
        "own and trusted accounts is informational."
    ),
    impact=(
        "After one call ECR itself copies every pushed image to the other registry, and no further "
        "event reports it. If deletes are replicated, deleting an image here deletes the copy too."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, restore the previous rules with "
        "PutReplicationConfiguration and disable the actor's credentials. Treat secrets in the "
        "copied images as known to others. If the destination is yours, add its account to "
        "REGISTRYWATCH_TRUSTED_ACCOUNTS."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutReplicationConfiguration.html",
    ),
    harmless=(
        "Disaster recovery is set up into an own account that is not among the trusted accounts.",
        "Infrastructure as code applies the same replication again.",
    ),
    judge=_judge,
)
