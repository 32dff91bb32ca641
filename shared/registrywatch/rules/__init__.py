"""The catalogue of rules. To add one: a module beside these, and its line here.

A module has the name of its rule; without "ecr" and "acr" if it holds the rules of both clouds.
"""

from registrywatch.rules.acr_credentials_issued import ACR_CREDENTIALS_ISSUED
from registrywatch.rules.acr_image_scan_disabled import ACR_IMAGE_SCAN_DISABLED
from registrywatch.rules.acr_monitoring_removed import ACR_MONITORING_REMOVED
from registrywatch.rules.acr_registry_exposed import ACR_REGISTRY_EXPOSED
from registrywatch.rules.acr_supply_chain_changed import ACR_SUPPLY_CHAIN_CHANGED
from registrywatch.rules.deletion_burst import ACR_DELETION_BURST, ECR_DELETION_BURST
from registrywatch.rules.ecr_creation_template_changed import ECR_CREATION_TEMPLATE_CHANGED
from registrywatch.rules.ecr_denied_calls import ECR_DENIED_CALLS
from registrywatch.rules.ecr_foreign_access import ECR_FOREIGN_ACCESS
from registrywatch.rules.ecr_image_scan_disabled import ECR_IMAGE_SCAN_DISABLED
from registrywatch.rules.ecr_images_archived import ECR_IMAGES_ARCHIVED
from registrywatch.rules.ecr_lifecycle_policy_added import ECR_LIFECYCLE_POLICY_ADDED
from registrywatch.rules.ecr_monitoring_removed import ECR_MONITORING_REMOVED
from registrywatch.rules.ecr_policy_removed import ECR_POLICY_REMOVED
from registrywatch.rules.ecr_pull_through_cache_changed import ECR_PULL_THROUGH_CACHE_CHANGED
from registrywatch.rules.ecr_replication_changed import ECR_REPLICATION_CHANGED
from registrywatch.rules.ecr_repository_created import ECR_REPOSITORY_CREATED
from registrywatch.rules.ecr_repository_policy_applied import ECR_REPOSITORY_POLICY_APPLIED
from registrywatch.rules.ecr_signing_disabled import ECR_SIGNING_DISABLED
from registrywatch.rules.ecr_tag_overwrite_enabled import ECR_TAG_OVERWRITE_ENABLED
from registrywatch.rules.excessive_image_pull import (
    ACR_EXCESSIVE_IMAGE_PULL,
    ECR_EXCESSIVE_IMAGE_PULL,
)
from registrywatch.rules.excessive_image_push import (
    ACR_EXCESSIVE_IMAGE_PUSH,
    ECR_EXCESSIVE_IMAGE_PUSH,
)
from registrywatch.rules.forced_repository_deletion import (
    ACR_FORCED_REPOSITORY_DELETION,
    ECR_FORCED_REPOSITORY_DELETION,
)
from registrywatch.rules.images_deleted import ACR_IMAGES_DELETED, ECR_IMAGES_DELETED
from registrywatch.rules.rule import AnyRule, Finding, Trust
from registrywatch.rules.unfamiliar_pull import ACR_UNFAMILIAR_PULL, ECR_UNFAMILIAR_PULL
from registrywatch.rules.unfamiliar_push import ACR_UNFAMILIAR_PUSH, ECR_UNFAMILIAR_PUSH

__all__ = ["CATALOGUE", "AnyRule", "Finding", "Trust", "rule_named"]

CATALOGUE: tuple[AnyRule, ...] = (
    ECR_REPOSITORY_CREATED,
    ECR_REPOSITORY_POLICY_APPLIED,
    ECR_EXCESSIVE_IMAGE_PUSH,
    ECR_IMAGE_SCAN_DISABLED,
    ECR_IMAGES_DELETED,
    ECR_EXCESSIVE_IMAGE_PULL,
    ECR_FORCED_REPOSITORY_DELETION,
    ECR_TAG_OVERWRITE_ENABLED,
    ECR_LIFECYCLE_POLICY_ADDED,
    ACR_IMAGE_SCAN_DISABLED,
    ACR_FORCED_REPOSITORY_DELETION,
    ACR_EXCESSIVE_IMAGE_PULL,
    ACR_IMAGES_DELETED,
    ACR_EXCESSIVE_IMAGE_PUSH,
    ACR_MONITORING_REMOVED,
    ECR_UNFAMILIAR_PULL,
    ACR_UNFAMILIAR_PULL,
    ECR_UNFAMILIAR_PUSH,
    ACR_UNFAMILIAR_PUSH,
    ECR_FOREIGN_ACCESS,
    ECR_DELETION_BURST,
    ACR_DELETION_BURST,
    ECR_DENIED_CALLS,
    ECR_IMAGES_ARCHIVED,
    ECR_MONITORING_REMOVED,
    ECR_REPLICATION_CHANGED,
    ECR_CREATION_TEMPLATE_CHANGED,
    ECR_PULL_THROUGH_CACHE_CHANGED,
    ECR_POLICY_REMOVED,
    ECR_SIGNING_DISABLED,
    ACR_REGISTRY_EXPOSED,
    ACR_CREDENTIALS_ISSUED,
    ACR_SUPPLY_CHAIN_CHANGED,
)


def rule_named(name: str) -> AnyRule:
    """The rule of that name. Raises KeyError if there is none."""
    return _BY_NAME[name]


_BY_NAME = {rule.name: rule for rule in CATALOGUE}
