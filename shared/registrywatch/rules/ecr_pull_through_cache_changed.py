"""A registry's pull-through cache gets other images or credentials, or its secret is read."""

from registrywatch.events import (
    PullThroughRuleDeleted,
    PullThroughRuleSet,
    PullThroughSecretRead,
    RegistryEvent,
)
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

type Change = PullThroughRuleSet | PullThroughRuleDeleted | PullThroughSecretRead

_OWN_ROLE = ":role/aws-service-role/pullthroughcache.ecr.amazonaws.com/"


def _judge(event: RegistryEvent, change: Change, trust: Trust) -> Finding | None:
    match change:
        case PullThroughRuleSet():
            return _rule_set(event, change, trust)
        case PullThroughRuleDeleted():
            why = "Images that are not in the cache yet cannot be pulled through it any more."
            did = f"deleted the pull-through cache rule for {shown(change.prefix)}"
            return Finding(Severity.LOW, did, (why,))
        case PullThroughSecretRead():
            return _secret_read(event, change)


def _rule_set(event: RegistryEvent, change: PullThroughRuleSet, trust: Trust) -> Finding:
    of = f"the pull-through cache rule for {shown(change.prefix)}"
    did = f"{'created' if change.created else 'updated'} {of}"
    if change.omitted:
        why = "CloudTrail withheld what was set: the upstream may be another account's registry."
        return Finding(Severity.HIGH, did, (why,))
    if _is_foreign(event, change, trust):
        owner = change.upstream_account or "an account that the event does not show"
        why = f"Its upstream is the ECR registry of {shown(owner)}, which is not trusted."
        return Finding(Severity.HIGH, f"{did}: images come from {shown(owner)}", (why,))
    reasons = []
    if change.prefix.upper() == "ROOT":
        reasons.append("It applies to every repository that no other rule covers (ROOT).")
    if not change.created and change.credential:
        reasons.append(f"Its credentials are now {shown(change.credential)}.")
    if not change.created and change.role:
        reasons.append(f"Its role is now {shown(change.role)}.")
    if reasons:
        return Finding(Severity.MEDIUM, did, tuple(reasons))
    upstream = change.url or change.upstream or "an upstream that the event does not show"
    return Finding(Severity.LOW, did, (f"Images come from {shown(upstream)}.",))


def _is_foreign(event: RegistryEvent, change: PullThroughRuleSet, trust: Trust) -> bool:
    if change.upstream_account is not None:
        return not trust.owns(change.upstream_account, event)
    return (change.upstream or "").casefold() == "ecr"


def _secret_read(event: RegistryEvent, change: PullThroughSecretRead) -> Finding | None:
    actor = event.actor
    if actor.type == "AWSService" or (event.by_service and _OWN_ROLE in (actor.id or "")):
        return None
    why = "Only ECR's own role needs to read them. Anyone who has them can pull from the upstream."
    did = f"read the credentials of a pull-through cache rule, {shown(change.secret)}"
    return Finding(Severity.HIGH, did, (why,))


ECR_PULL_THROUGH_CACHE_CHANGED = Rule[Change](
    name="ecr-pull-through-cache-changed",
    title="Pull-Through Cache Changed",
    cloud="aws",
    mitre=(Mitre("TA0001", "T1195.002"),),
    reads=(PullThroughRuleSet, PullThroughRuleDeleted, PullThroughSecretRead),
    description=(
        "A pull-through cache rule was created, updated or deleted, or its secret was read. High: "
        "its upstream is the ECR registry of another account that is not trusted, or a principal "
        "other than ECR's own role read the secret of a rule (`ecr-pullthroughcache/*`). "
        "Medium: the prefix is ROOT, or the credentials or the role of a rule were changed. "
        "Everything else is low."
    ),
    impact=(
        "Workloads pull through the cache as if the images were the company's own. An attacker who "
        "controls the upstream controls what these workloads run."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, delete the rule and the repositories that it "
        "filled, and rotate the credentials of the upstream. If the upstream is yours, add its "
        "account to REGISTRYWATCH_TRUSTED_ACCOUNTS."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html",
    ),
    harmless=(
        "A platform team sets up a cache of Docker Hub or of the company's central registry.",
        "The credentials of an upstream are rotated.",
        "An administrator looks at the secret in the console, or infrastructure as code reads it.",
    ),
    judge=_judge,
)
