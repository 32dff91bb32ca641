"""CloudTrail records of ECR calls, shaped as AWS's docs and published records show them."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

type Json = dict[str, Any]

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "999988887777"
REGION = "eu-west-1"
START = datetime(2026, 8, 1, 9, 0, tzinfo=UTC).timestamp()

_numbers = itertools.count(1)


def digest(number: int) -> str:
    """The digest of the image of that number."""
    return f"sha256:{number:064x}"


# Who calls


def role(name: str = "Dev", session: str = "alice", account: str = ACCOUNT, **more: Any) -> Json:
    """A session of a role."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLEAAAAAAAAAA:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": "ASIAEXAMPLEAAAAAAAAA",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEAAAAAAAAAA",
                "arn": f"arn:aws:iam::{account}:role/{name}",
                "accountId": account,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-08-01T09:00:00Z", "mfaAuthenticated": "false"},
        },
        **more,
    }


def user(name: str = "alice", account: str = ACCOUNT) -> Json:
    """An IAM user with an access key."""
    return {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLEAAAAAAAAAA",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": "AKIAEXAMPLEAAAAAAAAA",
        "userName": name,
    }


def root() -> Json:
    """The account's root user."""
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    return {"type": "Root", "principalId": ACCOUNT, "arn": arn, "accountId": ACCOUNT}


def aws_service(name: str = "ecr.amazonaws.com") -> Json:
    """An AWS service that acts by itself."""
    return {"type": "AWSService", "invokedBy": name}


def foreign_account(account: str = OTHER_ACCOUNT) -> Json:
    """Another account's caller, as the owner of the registry sees him: no name, no ARN."""
    return {"type": "AWSAccount", "principalId": "AIDAEXAMPLE:x", "accountId": account}


def proxied(caller: Json, marker: str = "AWS Internal") -> Json:
    """The caller of a docker pull or push, which reaches ECR through its front end."""
    return {**caller, "invokedBy": marker}


# Records and their envelopes


def call(
    name: str,
    request: Json | None = None,
    response: Json | None = None,
    *,
    by: Json | None = None,
    at: float = 0,
    service: str = "ecr",
    tls: str | None = "TLSv1.3",
    repository: str | None = "prod/api",
    region: str = REGION,
    **more: Any,
) -> Json:
    """A record of one call; `at` is in seconds after START. `more` replaces members."""
    number = next(_numbers)
    record: Json = {
        "eventVersion": "1.11",
        "userIdentity": by or role(),
        "eventTime": _time(at),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "203.0.113.12",
        "userAgent": "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux",
        "requestParameters": request,
        "responseElements": response,
        "requestID": f"00000000-0000-4000-8000-{number:012d}",
        "eventID": f"11111111-0000-4000-8000-{number:012d}",
        "readOnly": name == "BatchGetImage",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    if repository:
        arn = f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{repository}"
        record["resources"] = [{"accountId": ACCOUNT, "ARN": arn}]
    if tls:
        record["tlsDetails"] = {"tlsVersion": tls, "cipherSuite": "TLS_AES_128_GCM_SHA256"}
    return record | more


def eventbridge(record: Json) -> Json:
    """The record as EventBridge delivers it; service events come under their own detail-type."""
    own = record.get("eventType") == "AwsServiceEvent"
    return {
        "version": "0",
        "id": f"22222222-0000-4000-8000-{next(_numbers):012d}",
        "detail-type": f"AWS {'Service Event' if own else 'API Call'} via CloudTrail",
        "source": f"aws.{record['eventSource'].removesuffix('.amazonaws.com')}",
        "account": record["recipientAccountId"],
        "time": record["eventTime"],
        "region": record["awsRegion"],
        "resources": [],
        "detail": record,
    }


def log_file(*records: Json) -> Json:
    """The records as they lie in S3."""
    return {"Records": list(records)}


def failed(record: Json, code: str, message: str = "") -> Json:
    """The same call, refused."""
    refused = record | {"errorCode": code, "errorMessage": message, "responseElements": None}
    return {name: part for name, part in refused.items() if name != "resources"}


# Calls


def create_repository(
    repository: str = "prod/api",
    mutability: str = "MUTABLE",
    scan_on_push: bool = False,
    **more: Any,
) -> Json:
    """CreateRepository with a request that leaves all to the defaults."""
    made = {
        "repositoryArn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{repository}",
        "registryId": ACCOUNT,
        "repositoryName": repository,
        "imageTagMutability": mutability,
        "imageScanningConfiguration": {"scanOnPush": scan_on_push},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    request = {"repositoryName": repository}
    return call("CreateRepository", request, {"repository": made}, repository=repository, **more)


def delete_repository(repository: str = "prod/api", **request_and_more: Any) -> Json:
    """DeleteRepository; `force` is left out of the request unless given."""
    request = {"registryId": ACCOUNT, "repositoryName": repository}
    if "force" in request_and_more:
        request["force"] = request_and_more.pop("force")
    response = {"repository": {"repositoryName": repository, "registryId": ACCOUNT}}
    return call("DeleteRepository", request, response, repository=repository, **request_and_more)


def set_policy(policy: object, repository: str = "prod/api", **more: Any) -> Json:
    """SetRepositoryPolicy; the policy is given as a document, or as text."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request = {"force": False, "policyText": text, "repositoryName": repository}
    return call("SetRepositoryPolicy", request, {}, repository=repository, **more)


def put_registry_policy(policy: object, **more: Any) -> Json:
    """PutRegistryPolicy."""
    request = {"policyText": json.dumps(policy)}
    return call("PutRegistryPolicy", request, {}, repository=None, **more)


def pull(*images: int | str, repository: str = "prod/api", **more: Any) -> Json:
    """BatchGetImage: images by number (then by digest) or by tag. It has no response."""
    request = {
        "registryId": ACCOUNT,
        "repositoryName": repository,
        "imageIds": [_image_id(image) for image in images],
        "acceptedMediaTypes": ["application/vnd.oci.image.index.v1+json"],
    }
    return call("BatchGetImage", request, None, repository=repository, **more)


def push(image: int, tag: str | None = "v1", repository: str = "prod/api", **more: Any) -> Json:
    """PutImage; without a tag it is a part of a multi-platform image."""
    request: Json = {
        "registryId": ACCOUNT,
        "repositoryName": repository,
        "imageManifest": '{"schemaVersion": 2}',
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
    }
    stored = {"imageDigest": digest(image)}
    if tag is not None:
        request["imageTag"] = stored["imageTag"] = tag
    response = {"image": {"registryId": ACCOUNT, "repositoryName": repository, "imageId": stored}}
    return call("PutImage", request, response, repository=repository, **more)


def delete_images(
    images: dict[int, tuple[str, ...]],
    not_deleted: tuple[int, ...] = (),
    repository: str = "prod/api",
    **more: Any,
) -> Json:
    """BatchDeleteImage: images with the tags that went, and those that ECR did not delete."""
    gone = [
        {"imageDigest": digest(image), **({"imageTag": tag} if tag else {})}
        for image, tags in images.items()
        for tag in tags or ("",)
    ]
    failures = [
        {
            "imageId": {"imageDigest": digest(image)},
            "failureCode": "ImageReferencedByManifestList",
            "failureReason": "Requested image referenced by manifest list",
        }
        for image in not_deleted
    ]
    asked = [{"imageDigest": digest(image)} for image in (*images, *not_deleted)]
    request = {"registryId": ACCOUNT, "repositoryName": repository, "imageIds": asked}
    response = {"imageIds": gone, "failures": failures}
    return call("BatchDeleteImage", request, response, repository=repository, **more)


def expired(images: dict[int, tuple[str, ...]], repository: str = "prod/api", **more: Any) -> Json:
    """PolicyExecutionEvent: a lifecycle policy of priority 1 expired these images."""
    rule = {
        "rulePriority": 1,
        "lifecycleEventSelection": {
            "tagStatus": "Any",
            "tagPrefixList": [],
            "countType": "Image count more than",
            "countNumber": 2,
        },
        "action": "expire",
    }
    gone = [
        {
            "lifecycleEventImage": {
                "digest": digest(image),
                "tagStatus": "Tagged" if tags else "Untagged",
                "tagList": list(tags),
                "pushedAt": 1584042813000,
            },
            "rulePriority": 1,
        }
        for image, tags in images.items()
    ]
    details = {
        "repositoryName": repository,
        "lifecycleEventPolicy": {"lifecycleEventRules": [rule], "policyVersion": 1},
        "lifecycleEventImageActions": gone,
    }
    return call(
        "PolicyExecutionEvent",
        by={"accountId": ACCOUNT, "invokedBy": "AWS Internal"},
        repository=repository,
        tls=None,
        **{
            "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal",
            "readOnly": True,
            "eventType": "AwsServiceEvent",
            "serviceEventDetails": details,
            **more,
        },
    )


def set_scan_on_push(configuration: Json, repository: str = "prod/api", **more: Any) -> Json:
    """PutImageScanningConfiguration with that `imageScanningConfiguration`."""
    request = {"repositoryName": repository, "imageScanningConfiguration": configuration}
    return call("PutImageScanningConfiguration", request, {}, repository=repository, **more)


def set_registry_scanning(scan_type: str | None, *rules: tuple[str, str], **more: Any) -> Json:
    """PutRegistryScanningConfiguration; each rule is a frequency and a filter."""
    request: Json = {
        "rules": [
            {
                "scanFrequency": frequency,
                "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}],
            }
            for frequency, pattern in rules
        ]
    }
    if scan_type:
        request["scanType"] = scan_type
    response = {"registryScanningConfiguration": request}
    return call("PutRegistryScanningConfiguration", request, response, repository=None, **more)


def set_tag_mutability(mode: str, *exclusions: str, **more: Any) -> Json:
    """PutImageTagMutability with exclusion filters."""
    request: Json = {"repositoryName": "prod/api", "imageTagMutability": mode}
    if exclusions:
        request["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": pattern} for pattern in exclusions
        ]
    return call("PutImageTagMutability", request, {}, **more)


def put_lifecycle_policy(policy: object, **more: Any) -> Json:
    """PutLifecyclePolicy; the policy is given as a document, or as text."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request = {"repositoryName": "prod/api", "lifecyclePolicyText": text}
    return call("PutLifecyclePolicy", request, {}, **more)


def _image_id(image: int | str) -> Json:
    return {"imageDigest": digest(image)} if isinstance(image, int) else {"imageTag": image}


def _time(at: float) -> str:
    return datetime.fromtimestamp(START + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
