"""The template for repositories that ECR itself creates is changed."""

from registrywatch.events import (
    CreationTemplateDeleted,
    CreationTemplateSet,
    PolicySet,
    RegistryEvent,
)
from registrywatch.rules.grading.mutability import grade_mutability
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, shown
from registrywatch.severity import Severity

type Change = CreationTemplateSet | CreationTemplateDeleted


def _judge(event: RegistryEvent, change: Change, trust: Trust) -> Finding | None:
    of = f"the repository creation template for {_covered(change.prefix)}"
    if isinstance(change, CreationTemplateDeleted):
        why = "New repositories with this prefix get ECR's defaults: mutable tags, no scanning."
        return Finding(Severity.LOW, f"deleted {of}", (why,))
    did = f"{'created' if change.created else 'updated'} {of}"
    severity, clause, reasons = Severity.LOW, "", list[str]()
    if change.omitted:
        severity, clause = Severity.HIGH, "CloudTrail withheld its content"
        reasons.append("CloudTrail withheld parts of the template: its policy may let anyone in.")
    if change.policy is not None:
        from registrywatch.rules.grading.iam.policy import grade_policy

        judged = grade_policy(PolicySet(change.policy), event, trust)
        reasons += [f"Its repository policy: {why}" for why in judged.reasons]
        if judged.severity > severity:
            severity, clause = judged.severity, _of("policy", judged.clause)
    if change.lifecycle_policy is not None:
        from registrywatch.rules.grading.lifecycle import grade_lifecycle

        judged = grade_lifecycle(change.lifecycle_policy, trust.protected_tags)
        reasons += [f"Its lifecycle policy: {why}" for why in judged.reasons]
        if judged.severity > severity:
            severity, clause = judged.severity, _of("lifecycle policy", judged.clause)
    reasons += _further(change, trust)
    return Finding(severity, f"{did}: {clause}" if clause else did, tuple(reasons))


def _further(change: CreationTemplateSet, trust: Trust) -> list[str]:
    reasons = []
    if change.mutability:
        grade = grade_mutability(change.mutability, change.exclusions, trust.protected_tags)
        reasons += [grade.reason] if grade else []
    if change.prefix.upper() == "ROOT":
        reasons.append("It applies to every repository that no other template covers.")
    if change.applied_for:
        reasons.append(f"It applies to repositories created by {listed(change.applied_for)}.")
    return reasons or ["It carries no policy."]


def _covered(prefix: str) -> str:
    if prefix.upper() == "ROOT":
        return "all repositories (ROOT)"
    return f"{shown(prefix.rstrip('/'))}/*"


def _of(policy: str, clause: str) -> str:
    """A policy's clause with its subject: "its policy cannot be read", "under its policy …"."""
    if clause.startswith("it "):
        return f"its {policy} {clause.removeprefix('it ')}"
    return f"under its {policy} {clause}"


ECR_CREATION_TEMPLATE_CHANGED = Rule[Change](
    name="ecr-creation-template-changed",
    title="Repository Creation Template Changed",
    cloud="aws",
    mitre=(Mitre("TA0003", "T1525"),),
    reads=(CreationTemplateSet, CreationTemplateDeleted),
    description=(
        "A repository creation template was created, updated or deleted. ECR applies it to "
        "repositories that pull-through cache, replication or create-on-push create. It is graded "
        "like the repository policy and the lifecycle policy in the template, else low. Tags that "
        "can be overwritten and the prefix ROOT are given as reasons."
    ),
    impact=(
        "Every repository that is created from the template has the template's policy from the "
        "start, and CloudTrail records no SetRepositoryPolicy for it. An intruder can use it for "
        "lasting access, or to expire images unnoticed."
    ),
    mitigation=(
        "Read the reasons: they say what the policies of the template allow. If it was not meant, "
        "restore the template, then check the policies of repositories created since then."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html",
    ),
    harmless=("Infrastructure as code of a landing zone sets defaults for new repositories.",),
    judge=_judge,
)
