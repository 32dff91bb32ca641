"""A lifecycle policy is put on a repository."""

from registrywatch.events import LifecyclePolicySet, RegistryEvent
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named


def _judge(event: RegistryEvent, policy: LifecyclePolicySet, trust: Trust) -> Finding | None:
    from registrywatch.rules.grading.lifecycle import (
        grade_lifecycle,  # loaded with the first policy
    )

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
        "A lifecycle policy was put on a repository; it replaces the previous one. Its rules are "
        "judged together, in the order in which ECR applies them. It is high if rules remove every "
        "image or a protected tag and leave at most 5 images or 7 days; medium if they archive "
        "instead of expire. Rules that leave at least 20 images or 30 days, and rules for untagged "
        "images, are low. Otherwise it is medium if tagged images expire, else low. A policy that "
        "cannot be read is high."
    ),
    impact=(
        "Within a day ECR applies the policy to every image that it selects, and continues to do "
        "so. An intruder can destroy images this way unnoticed, or those that a roll-back needs."
    ),
    mitigation=(
        "Read the reasons: they say which rule removes what. If it was not meant, replace the "
        "policy at once, before ECR applies it. Check for expired images and for other changes by "
        "the same actor."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html",
    ),
    harmless=(
        "To save costs, untagged images are deleted after a week or more.",
        "Infrastructure as code applies the same policy again.",
    ),
    judge=_judge,
)
