"""What each rare ECR call did to a registry: templates, caches, policies, archive, signing.

Members are those of the ECR API (botocore's model). If a response shows the whole result, it
decides over the request, which may name only what changes.
"""

import re
from collections.abc import Callable

import msgspec

from registrywatch.events import (
    CreationTemplateDeleted,
    CreationTemplateSet,
    ImagesArchived,
    PolicyRemoved,
    PullThroughRuleDeleted,
    PullThroughRuleSet,
    PullThroughSecretRead,
    SigningDeleted,
    SigningProfileEnded,
    SigningRule,
    SigningSet,
    What,
)
from registrywatch.sources import replication_calls
from registrywatch.sources.cloudtrail_record import Filter, ImageId, filters_of
from registrywatch.sources.wide_record import WideRecord, parts

Reader = Callable[[WideRecord], What | None]

_ECR_HOST = r"(?:https?://)?(\d{12})\.dkr[.-]ecr[.-]"
_CACHE_PREFIX = "ecr-pullthroughcache/"


class Template(msgspec.Struct):
    """A repository creation template; the request has the same members."""

    prefix: str | None = None
    appliedFor: list[str] | None = None
    repositoryPolicy: str | None = None
    lifecyclePolicy: str | None = None
    imageTagMutability: str | None = None
    imageTagMutabilityExclusionFilters: list[Filter] | None = None
    customRoleArn: str | None = None


class Signed(msgspec.Struct):
    signingProfileArn: str | None = None
    repositoryFilters: list[Filter] | None = None


class SigningConfiguration(msgspec.Struct):
    rules: list[Signed] | None = None


_template = msgspec.json.Decoder(Template | None).decode
_signing = msgspec.json.Decoder(SigningConfiguration | None).decode
_image = msgspec.json.Decoder(ImageId | None).decode
_text = msgspec.json.Decoder(str | None).decode
_texts = msgspec.json.Decoder(list[str] | None).decode


def _set_template(record: WideRecord, created: bool) -> What | None:
    request, response = parts(record)
    asked = Template(
        _text(request.prefix),
        _texts(request.appliedFor),
        _text(request.repositoryPolicy),
        _text(request.lifecyclePolicy),
        request.imageTagMutability,
        request.imageTagMutabilityExclusionFilters,
        _text(request.customRoleArn),
    )
    made = _template(response.repositoryCreationTemplate) or asked
    return CreationTemplateSet(
        prefix=made.prefix or asked.prefix or "",
        applied_for=tuple(made.appliedFor or ()),
        policy=made.repositoryPolicy
        if made.repositoryPolicy is not None
        else asked.repositoryPolicy,
        lifecycle_policy=made.lifecyclePolicy
        if made.lifecyclePolicy is not None
        else asked.lifecyclePolicy,
        mutability=made.imageTagMutability,
        exclusions=filters_of(made.imageTagMutabilityExclusionFilters),
        role=made.customRoleArn,
        created=created,
        omitted=made.prefix is None and asked.prefix is None,  # the call can't be made without
    )


def create_template(record: WideRecord) -> What | None:
    """CreateRepositoryCreationTemplate."""
    return _set_template(record, created=True)


def update_template(record: WideRecord) -> What | None:
    """UpdateRepositoryCreationTemplate: the response shows the whole template."""
    return _set_template(record, created=False)


def delete_template(record: WideRecord) -> What | None:
    """DeleteRepositoryCreationTemplate."""
    request, _ = parts(record)
    return CreationTemplateDeleted(_text(request.prefix) or "")


def _set_cache_rule(record: WideRecord, created: bool) -> What | None:
    request, response = parts(record)
    url = _text(request.upstreamRegistryUrl) or _text(response.upstreamRegistryUrl)
    host = re.match(_ECR_HOST, (url or "").strip().lower())
    prefix = _text(request.ecrRepositoryPrefix) or _text(response.ecrRepositoryPrefix)
    return PullThroughRuleSet(
        prefix=prefix or "",
        upstream=_text(request.upstreamRegistry) or _text(response.upstreamRegistry),
        url=url,
        upstream_account=host[1] if host else None,
        credential=_text(request.credentialArn),
        role=_text(request.customRoleArn),
        created=created,
        omitted=prefix is None,  # the call can't be made without
    )


def create_cache_rule(record: WideRecord) -> What | None:
    """CreatePullThroughCacheRule. The address of an upstream in ECR shows its account."""
    return _set_cache_rule(record, created=True)


def update_cache_rule(record: WideRecord) -> What | None:
    """UpdatePullThroughCacheRule: credentials and role; the upstream stays."""
    return _set_cache_rule(record, created=False)


def delete_cache_rule(record: WideRecord) -> What | None:
    """DeletePullThroughCacheRule."""
    request, response = parts(record)
    prefix = _text(request.ecrRepositoryPrefix) or _text(response.ecrRepositoryPrefix)
    return PullThroughRuleDeleted(prefix or "", _text(response.upstreamRegistryUrl))


def read_cache_secret(record: WideRecord) -> What | None:
    """GetSecretValue of Secrets Manager, on the credentials of a pull-through cache rule."""
    request, _ = parts(record)
    secret = _text(request.secretId) or ""
    name = secret.rpartition(":secret:")[2] if secret.startswith("arn:") else secret
    return PullThroughSecretRead(secret) if name.startswith(_CACHE_PREFIX) else None


def archive_images(record: WideRecord) -> What | None:
    """UpdateImageStorageClass to ARCHIVE; a change back to STANDARD loses nothing."""
    request, response = parts(record)
    to = _text(request.targetStorageClass)
    if not to:  # the call can't be made without
        return ImagesArchived((), omitted=True)
    if to.upper() != "ARCHIVE":
        return None
    asked, done = _image(request.imageId) or ImageId(), _image(response.imageId) or ImageId()
    image = done.imageDigest or asked.imageDigest or done.imageTag or asked.imageTag
    tag = asked.imageTag or done.imageTag
    return ImagesArchived((image,), (tag,) if tag else ()) if image else None


def remove_policy(record: WideRecord) -> What | None:
    """DeleteRepositoryPolicy: the response shows the deleted policy."""
    _, response = parts(record)
    return PolicyRemoved("repository", response.policyText, omitted=bool(response.omitted))


def remove_public_policy(record: WideRecord) -> What | None:
    """ECR Public's DeleteRepositoryPolicy."""
    _, response = parts(record)
    omitted = bool(response.omitted)
    return PolicyRemoved("repository", response.policyText, "ecr-public", omitted)


def remove_registry_policy(record: WideRecord) -> What | None:
    """DeleteRegistryPolicy."""
    _, response = parts(record)
    return PolicyRemoved("registry", response.policyText, omitted=bool(response.omitted))


def remove_lifecycle_policy(record: WideRecord) -> What | None:
    """DeleteLifecyclePolicy."""
    _, response = parts(record)
    text = response.lifecyclePolicyText
    return PolicyRemoved("lifecycle", text, omitted=bool(response.omitted))


def _signing_rules(made: SigningConfiguration | None) -> tuple[SigningRule, ...]:
    return tuple(
        SigningRule(rule.signingProfileArn, filters_of(rule.repositoryFilters))
        for rule in (made.rules if made else None) or ()
    )


def set_signing(record: WideRecord) -> What | None:
    """PutSigningConfiguration: replaces the registry's whole signing configuration."""
    request, response = parts(record)
    made = _signing(response.signingConfiguration) or _signing(request.signingConfiguration)
    return SigningSet(_signing_rules(made), omitted=made is None)


def delete_signing(record: WideRecord) -> What | None:
    """DeleteSigningConfiguration: the response shows what was deleted."""
    _, response = parts(record)
    return SigningDeleted(_signing_rules(_signing(response.signingConfiguration)))


def revoke_profile(record: WideRecord) -> What | None:
    """AWS Signer's RevokeSigningProfile."""
    request, _ = parts(record)
    return SigningProfileEnded(_text(request.profileName), revoked=True)


def cancel_profile(record: WideRecord) -> What | None:
    """AWS Signer's CancelSigningProfile."""
    request, _ = parts(record)
    return SigningProfileEnded(_text(request.profileName), revoked=False)


CALLS: dict[str, dict[str, Reader]] = {
    "ecr.amazonaws.com": {
        "PutReplicationConfiguration": replication_calls.set_replication,
        "StartReplicationBackfill": replication_calls.start_backfill,
        "StopReplicationBackfill": replication_calls.stop_backfill,
        "CreateRepositoryCreationTemplate": create_template,
        "UpdateRepositoryCreationTemplate": update_template,
        "DeleteRepositoryCreationTemplate": delete_template,
        "CreatePullThroughCacheRule": create_cache_rule,
        "UpdatePullThroughCacheRule": update_cache_rule,
        "DeletePullThroughCacheRule": delete_cache_rule,
        "UpdateImageStorageClass": archive_images,
        "DeleteRepositoryPolicy": remove_policy,
        "DeleteRegistryPolicy": remove_registry_policy,
        "DeleteLifecyclePolicy": remove_lifecycle_policy,
        "PutSigningConfiguration": set_signing,
        "DeleteSigningConfiguration": delete_signing,
    },
    "ecr-public.amazonaws.com": {"DeleteRepositoryPolicy": remove_public_policy},
    "secretsmanager.amazonaws.com": {"GetSecretValue": read_cache_secret},
    "signer.amazonaws.com": {
        "RevokeSigningProfile": revoke_profile,
        "CancelSigningProfile": cancel_profile,
    },
}
"""The calls by event source."""
INNER = {
    "appliedFor": list[str] | None,
    "repositoryPolicy": str | None,
    "lifecyclePolicy": str | None,
    "replicationConfiguration": replication_calls.ReplicationConfiguration | None,
    "repositoryCreationTemplate": Template | None,
    "signingConfiguration": SigningConfiguration | None,
    "destination": replication_calls.Target | None,
    "imageId": ImageId | None,
}
"""The types of the members that are left undecoded in a WideRecord."""
