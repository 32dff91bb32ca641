"""CloudTrail records of rare calls on a whole ECR registry, Amazon Inspector and AWS Signer.

Requests and responses have the members of botocore's models.
"""

import json
from typing import Any

from tests.builders.cloudtrail import ACCOUNT, REGION, Json, record


def replication(*rules: Json, **more: Any) -> Json:
    """PutReplicationConfiguration."""
    configuration = {"replicationConfiguration": {"rules": list(rules)}}
    return record("PutReplicationConfiguration", configuration, configuration, **more)


def replicate(
    *to: tuple[str, str], only: tuple[str, ...] = (), deletes: bool | None = None
) -> Json:
    """A replication rule; `to` are regions and accounts, `only` are prefixes of repositories."""
    rule: Json = {
        "destinations": [{"region": region, "registryId": account} for region, account in to]
    }
    if only:
        rule["repositoryFilters"] = [
            {"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in only
        ]
    if deletes is not None:
        rule["deleteReplication"] = {"enabled": deletes}
    return rule


def backfill(region: str = REGION, account: str = ACCOUNT, *, stop: bool = False) -> Json:
    """StartReplicationBackfill, or the event of its end."""
    destination = {"destination": {"region": region, "registryId": account}}
    done = {"replicationBackfillId": "b1", "status": "STOPPING" if stop else "PREPARING"}
    request = {"replicationBackfillId": "b1"} if stop else destination
    name = "StopReplicationBackfill" if stop else "StartReplicationBackfill"
    return record(name, request, {**done, **destination})


def template(prefix: str = "team/", *, update: bool = False, **members: Any) -> Json:
    """CreateRepositoryCreationTemplate or the update call; members as in the API."""
    asked = {"prefix": prefix, **members}
    whole = {"imageTagMutability": "MUTABLE", "appliedFor": ["PULL_THROUGH_CACHE"], **asked}
    verb = "Update" if update else "Create"
    return record(
        f"{verb}RepositoryCreationTemplate",
        asked,
        {"registryId": ACCOUNT, "repositoryCreationTemplate": whole},
    )


def cache_rule(prefix: str = "hub", *, verb: str = "Create", **members: Any) -> Json:
    """CreatePullThroughCacheRule and related calls; members as in the API."""
    request = {"ecrRepositoryPrefix": prefix, **members}
    response = {"ecrRepositoryPrefix": prefix, "registryId": ACCOUNT, **members}
    return record(f"{verb}PullThroughCacheRule", request, response)


def secret_read(secret: str, **more: Any) -> Json:
    """GetSecretValue of Secrets Manager."""
    source = "secretsmanager.amazonaws.com"
    return record("GetSecretValue", {"secretId": secret}, None, source=source, **more)


def archive(
    tag: str | None = "v1", digest: str | None = None, to: str = "ARCHIVE", **more: Any
) -> Json:
    """UpdateImageStorageClass."""
    image = {"imageTag": tag, "imageDigest": digest}
    image_id = {name: value for name, value in image.items() if value}
    common = {"registryId": ACCOUNT, "repositoryName": "prod/api", "imageId": image_id}
    return record(
        "UpdateImageStorageClass",
        {**common, "targetStorageClass": to},
        {**common, "imageStatus": "ARCHIVED"},
        **more,
    )


def policy_removed(name: str, policy: object, **more: Any) -> Json:
    """A call that deletes a policy; the response shows it."""
    request: Json = {} if name == "DeleteRegistryPolicy" else {"repositoryName": "prod/api"}
    member = "lifecyclePolicyText" if "Lifecycle" in name else "policyText"
    return record(name, request, {**request, member: json.dumps(policy)}, **more)


def signing(*rules: tuple[str, tuple[str, ...]], delete: bool = False) -> Json:
    """PutSigningConfiguration, or its deletion; rules are profiles and filters."""
    made = {
        "signingConfiguration": {
            "rules": [
                {
                    "signingProfileArn": profile,
                    "repositoryFilters": [
                        {"filter": each, "filterType": "WILDCARD_MATCH"} for each in filters
                    ],
                }
                for profile, filters in rules
            ]
        }
    }
    name = "DeleteSigningConfiguration" if delete else "PutSigningConfiguration"
    return record(name, {} if delete else made, made)


def inspector(name: str, request: Json, **more: Any) -> Json:
    """A call to Amazon Inspector."""
    return record(name, request, {}, source="inspector2.amazonaws.com", **more)


def signer(name: str, profile: str = "images") -> Json:
    """A call to AWS Signer."""
    return record(name, {"profileName": profile}, None, source="signer.amazonaws.com")
