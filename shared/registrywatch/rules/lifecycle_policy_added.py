"""A lifecycle policy is put on a repository."""

from registrywatch.events import LifecyclePolicySet, RegistryEvent
from registrywatch.rules.grading.lifecycle import grade_lifecycle
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named


def _judge(event: RegistryEvent, policy: LifecyclePolicySet, trust: Trust) -> Finding | None:
    judged = grade_lifecycle(policy.text, trust.protected_tags)
    did = f"put a lifecycle policy on {named(event)}: {judged.clause}"
    return Finding(judged.severity, did, judged.reasons)


ECR_LIFECYCLE_POLICY_ADDED = Rule(
    name="ecr-lifecycle-policy-added",
    title="Life-Cycle Policy Added",
    cloud="aws",
    mitre=(Mitre("TA0004", "T1484"),),
    reads=(LifecyclePolicySet,),
    description=(
        "A lifecycle policy was put on a repository; it replaces the one before. Its worst rule "
        "decides. A rule that expires images of any kind or whatever their tag, and keeps at most "
        "5 of them or 7 days, is high; one that archives them, medium. Other rules are medium "
        "where tagged images expire, else low. A policy that can't be read is high."
    ),
    impact=(
        "ECR itself carries the policy out within a day, on every image it selects, and goes on "
        "doing so: a quiet way to destroy images, and to lose the ones that a roll-back needs."
    ),
    mitigation=(
        "Read which rule takes what, lowest priority number first, for it is applied first. If it "
        "was not meant, replace the policy at once, before ECR applies it, and look for expired "
        "images and for other changes by the same identity."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html",
    ),
    harmless=(
        "Cost hygiene: untagged images go after a week or more.",
        "Infrastructure as code applies the same policy again.",
    ),
    judge=_judge,
)
