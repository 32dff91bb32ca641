"""A resource policy is applied to a repository or to the whole registry."""

from registrywatch.events import PolicySet, RegistryEvent
from registrywatch.rules.grading.iam.policy import grade_policy
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named


def _judge(event: RegistryEvent, policy: PolicySet, trust: Trust) -> Finding | None:
    judged = grade_policy(policy, event, trust)
    where = f"the repository {named(event)}" if event.repository else "the registry"
    did = "opened" if judged.clause.startswith("anyone can") else "applied a policy to"
    to = " to anyone" if did == "opened" else ""
    return Finding(judged.severity, f"{did} {where}{to}: {judged.clause}", judged.reasons)


ECR_REPOSITORY_POLICY_APPLIED = Rule(
    name="ecr-repository-policy-applied",
    title="Repository Policy Applied",
    cloud="aws",
    mitre=(Mitre("TA0004", "T1484"),),
    reads=(PolicySet,),
    description=(
        "A resource policy was applied to a repository of ECR or ECR Public, or to the whole "
        "registry. Each statement is graded by whom it lets do what; the worst decides. Anyone may "
        "push: critical; may pull: high; else medium. A foreign account, or a service that may act "
        "for anybody: high, medium, low. Own and trusted accounts: low. Conditions count only "
        "where they really narrow: to accounts, an organisation, a network. A policy that only "
        "denies is informational; one that can't be read is high."
    ),
    impact=(
        "A policy decides who may read and replace images without any other right. Opened too far, "
        "it hands images to strangers, or lets them put their own into your deployments, and it "
        "stays open when the intruder's credentials are gone."
    ),
    mitigation=(
        "Read the reasons: they name the principals, actions and conditions. If it was not meant, "
        "put the former policy back, look at pulls and pushes since then by those it let in, and "
        "add accounts and organisations that you trust to the settings so that they stay quiet."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryPolicy.html",
    ),
    harmless=(
        "A deployment lets Lambda's service principal read an image of the same account.",
        "Images are shared within the organisation, by a condition on its id.",
        "Infrastructure as code applies the same policy again.",
    ),
    judge=_judge,
)
