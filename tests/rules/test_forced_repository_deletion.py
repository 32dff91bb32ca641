"""…-forced-repository-deletion: a repository that takes its images along."""

from registrywatch.events import RegistryDeleted, RepositoryDeleted
from tests.rules.given import FOREIGN, ROOT, TRUSTED, grade, happened, judged

ECR, ACR = "ecr-forced-repository-deletion", "acr-forced-repository-deletion"
FORCED = RepositoryDeleted(forced=True)


def test_a_forced_deletion_is_high() -> None:
    finding = judged(ECR, happened(FORCED))
    assert finding and finding.severity.value == "high"
    assert finding.summary == "deleted the repository prod/api with all its images"


def test_by_the_root_user_it_is_critical() -> None:
    finding = judged(ECR, happened(FORCED, actor=ROOT))
    assert finding and finding.severity.value == "critical"
    assert "root" in finding.reasons[0]


def test_by_a_foreign_account_it_is_critical() -> None:
    finding = judged(ECR, happened(FORCED, actor_account=FOREIGN))
    assert finding and finding.severity.value == "critical"
    assert FOREIGN in finding.reasons[0]


def test_a_trusted_account_or_one_that_nobody_told_is_not_foreign() -> None:
    assert grade(ECR, happened(FORCED, actor_account=TRUSTED)) == "high"
    assert grade(ECR, happened(FORCED, actor_account=None)) == "high"


def test_an_unforced_delete_on_ecr_raises_nothing() -> None:
    unforced = RepositoryDeleted(forced=False)
    assert grade(ECR, happened(unforced)) is None
    assert grade(ECR, happened(unforced, actor=ROOT)) is None


def test_on_azure_a_repository_found_gone_may_have_lost_its_last_image() -> None:
    found_gone = RepositoryDeleted(forced=False)
    assert grade(ACR, happened(found_gone, cloud="azure", actor_account=None)) == "medium"


def test_on_azure_a_delete_that_names_nothing_claims_no_more_than_the_record_says() -> None:
    finding = judged(ACR, happened(FORCED, cloud="azure", repository=None, actor_account=None))
    assert finding and finding.severity.value == "high"
    assert finding.summary == (
        "deleted something of the registry 111122223333.dkr.ecr.eu-west-1.amazonaws.com "
        "that the event does not name"
    )


def test_the_images_lost_are_counted_where_they_are_known() -> None:
    lost = RepositoryDeleted(forced=True, images_lost=12)
    finding = judged(ACR, happened(lost, cloud="azure", actor_account=None))
    assert finding and finding.summary == "deleted the repository prod/api with its 12 images"


def test_a_registry_that_was_deleted_is_high_wherever_it_is_seen() -> None:
    registry = (
        "/subscriptions/1/resourcegroups/r/providers/microsoft.containerregistry/registries/shop"
    )
    event = happened(RegistryDeleted(registry), cloud="azure", repository=None, actor_account=None)
    finding = judged(ACR, event)
    assert finding and finding.severity.value == "high"
    assert finding.summary == "deleted the whole registry shop with all its repositories"


def test_several_images_of_one_request_are_medium_until_the_registry_was_asked() -> None:
    assumed = RepositoryDeleted(forced=True, request="1", assumed=True)
    finding = judged(ACR, happened(assumed, cloud="azure", actor_account=None))
    assert finding and finding.severity.value == "medium"
    assert "The registry was not asked" in finding.reasons[0]


def test_a_delete_of_which_cloudtrail_withheld_whether_it_was_forced_counts_as_forced() -> None:
    assert grade(ECR, happened(RepositoryDeleted(forced=False, omitted=True))) == "high"


def test_a_repository_that_the_record_does_not_name_is_said_to_be_one() -> None:
    finding = judged(ECR, happened(FORCED, repository=None))
    assert finding and finding.summary == (
        "deleted a repository that the event does not name with all its images"
    )
