"""CloudTrail records of ECR, and the envelopes around them."""

import hashlib
import itertools
import json
from typing import Any

from tests.builders.clock import T0, iso

Json = dict[str, Any]

ACCOUNT = "111122223333"
FOREIGN = "999988887777"
REGION = "eu-west-1"
DOCKER = "AWS Internal"

_ids = itertools.count(1)


def digest(name: object) -> str:
    """The digest of an image of that name."""
    return "sha256:" + hashlib.sha256(str(name).encode()).hexdigest()


# Who acts


def role(name: str = "Dev", session: str = "alice", account: str = ACCOUNT) -> Json:
    """A session of a role."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE{name.upper()}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": f"AROAEXAMPLE{name.upper()}",
                "arn": f"arn:aws:iam::{account}:role/{name}",
                "accountId": account,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-08-01T09:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def user(name: str = "bob", account: str = ACCOUNT) -> Json:
    """An IAM user."""
    return {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": "AKIAEXAMPLE",
        "userName": name,
    }


def person(name: str = "alice@example.com", role_name: str = "Admin", **more: Any) -> Json:
    """A session of a role of IAM Identity Center; the session is named after the person."""
    made = role(f"AWSReservedSSO_{role_name}_0123456789abcdef", name, **more)
    issuer = made["sessionContext"]["sessionIssuer"]
    path = "role/aws-reserved/sso.amazonaws.com/eu-west-1/"
    return {
        **made,
        "sessionContext": {
            **made["sessionContext"],
            "sessionIssuer": {**issuer, "arn": issuer["arn"].replace("role/", path)},
        },
    }


def service_linked(
    service_name: str = "inspector2.amazonaws.com",
    role_name: str = "AWSServiceRoleForAmazonInspector2",
    account: str = ACCOUNT,
) -> Json:
    """A session of a service-linked role, which the service alone can assume."""
    made = role(role_name, "session", account)
    issuer = made["sessionContext"]["sessionIssuer"]
    path = f"role/aws-service-role/{service_name}/"
    return {
        **made,
        "sessionContext": {
            **made["sessionContext"],
            "sessionIssuer": {**issuer, "arn": issuer["arn"].replace("role/", path)},
        },
        "invokedBy": service_name,
    }


def root(account: str = ACCOUNT) -> Json:
    """The account's root user."""
    return {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
    }


def foreign(account: str = FOREIGN) -> Json:
    """A caller of another account, as the trail of the registry's owner shows them."""
    return {"type": "AWSAccount", "principalId": "AROAEXAMPLE:s", "accountId": account}


def service(name: str = "replication.ecr.amazonaws.com") -> Json:
    """An AWS service that acts by itself."""
    return {"type": "AWSService", "invokedBy": name}


def nobody(account: str = ACCOUNT) -> Json:
    """The caller of a service event, which has no type."""
    return {"accountId": account, "invokedBy": DOCKER}


def through(proxy: str, caller: Json | None = None) -> Json:
    """A caller whose call a service makes: docker traffic, CloudFormation."""
    return {**(caller or role()), "invokedBy": proxy}


# Records


def record(
    name: str,
    request: Json | None = None,
    response: Json | None = None,
    *,
    by: Json | None = None,
    at: float = T0,
    account: str = ACCOUNT,
    region: str = REGION,
    seen_in: str | None = None,
    source: str = "ecr.amazonaws.com",
    event_id: str | None = None,
    ip: str = "203.0.113.12",
    agent: str = "aws-cli/2.27.0",
    tls: str | None = "TLSv1.3",
    **more: Any,
) -> Json:
    """A record of an API call; `account` owns the registry, `seen_in` the trail."""
    repository = (request or {}).get("repositoryName")
    made: Json = {
        "eventVersion": "1.11",
        "userIdentity": by if by is not None else role(account=account),
        "eventTime": iso(at),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": ip,
        "userAgent": agent,
        "requestParameters": request,
        "responseElements": response,
        "requestID": f"00000000-0000-4000-8000-{next(_ids):012d}",
        "eventID": event_id or f"11111111-0000-4000-8000-{next(_ids):012d}",
        "readOnly": name.startswith("BatchGet"),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": seen_in or account,
        "eventCategory": "Management",
    }
    if repository:
        partition = "ecr-public::" if "public" in source else f"ecr:{region}:"
        arn = f"arn:aws:{partition}{account}:repository/{repository}"
        made["resources"] = [{"accountId": account, "ARN": arn}]
    if tls:
        made["tlsDetails"] = {"tlsVersion": tls, "cipherSuite": "TLS_AES_128_GCM_SHA256"}
    return {**made, **more}


def failed(made: Json, code: str = "AccessDenied") -> Json:
    """The same call, refused."""
    return {**made, "errorCode": code, "errorMessage": "no", "responseElements": None}


def withheld(made: Json, *parts: str, size: int = 150_000) -> Json:
    """The same record, without parts that CloudTrail omitted because they were too long."""
    return {
        **made,
        **{
            part: {"reason": f"{part} too large", "omitted": True, "originalSize": size}
            for part in parts or ("requestParameters", "responseElements")
        },
    }


def addendum(made: Json, event_id: str = "99999999-0000-4000-8000-000000000001") -> Json:
    """A record that corrects another record, and has its own id."""
    return {
        **made,
        "eventID": event_id,
        "addendum": {"reason": "UPDATED_DATA", "originalEventID": made["eventID"]},
    }


def by_docker(made: Json) -> Json:
    """The same call through ECR's front end, as docker makes it: no address, tool or TLS."""
    caller = through(DOCKER, made["userIdentity"])
    kept = {name: value for name, value in made.items() if name != "tlsDetails"}
    return {**kept, "userIdentity": caller, "sourceIPAddress": DOCKER, "userAgent": DOCKER}


def _ids_of(images: tuple[str, ...]) -> list[Json]:
    return [
        {"imageDigest": image} if image.startswith("sha256:") else {"imageTag": image}
        for image in images
    ]


def pull(
    *images: str, repository: str = "prod/api", missing: tuple[str, ...] = (), **more: Any
) -> Json:
    """BatchGetImage; images are digests or tags, `missing` are those that were not found."""
    request = {
        "registryId": more.get("account", ACCOUNT),
        "repositoryName": repository,
        "imageIds": _ids_of(images or ("latest",)),
        "acceptedMediaTypes": ["application/vnd.oci.image.index.v1+json"],
    }
    response = None
    if missing:
        lost = [{"imageId": each, "failureCode": "ImageNotFound"} for each in _ids_of(missing)]
        response = {"images": [], "failures": lost}
    return record("BatchGetImage", request, response, **more)


def push(
    tag: str | None = "v1", image: str = "app", repository: str = "prod/api", **more: Any
) -> Json:
    """PutImage; without a tag it is a part of a multi-platform image."""
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": digest(f"config of {image}")}})
    tagged = {"imageTag": tag} if tag else {}
    common = {"registryId": more.get("account", ACCOUNT), "repositoryName": repository}
    request = {**common, "imageManifest": manifest, **tagged}
    image_id = {"imageDigest": digest(image), **tagged}
    response = {"image": {**common, "imageId": image_id, "imageManifest": manifest}}
    return record("PutImage", request, response, **more)


def delete_images(
    *images: str,
    tags: dict[str, str] | None = None,
    failures: int = 0,
    repository: str = "prod/api",
    **more: Any,
) -> Json:
    """BatchDeleteImage of digests, and of the tags in `tags`, a mapping from tags to digests."""
    deleted = _ids_of(images)
    deleted += [{"imageDigest": of, "imageTag": tag} for tag, of in (tags or {}).items()]
    lost = [{"imageId": {"imageTag": f"no{n}"}, "failureCode": "X"} for n in range(failures)]
    asked = deleted + [each["imageId"] for each in lost]
    request = {"repositoryName": repository, "imageIds": asked}
    response = {"imageIds": deleted, "failures": lost}
    return record("BatchDeleteImage", request, response, **more)


def expire_images(
    *images: str,
    tags: tuple[str, ...] = (),
    action: str = "expire",
    repository: str = "prod/api",
    evaluated: int = 1_788_000_000_000,
    **more: Any,
) -> Json:
    """PolicyExecutionEvent: a lifecycle policy removes images, in the run that began then (ms)."""
    made = record("PolicyExecutionEvent", by=nobody(), tls=None, ip=DOCKER, agent=DOCKER, **more)
    rule = {"rulePriority": 1, "action": action}
    gone = [
        {
            "lifecycleEventImage": {"digest": image, "tagList": list(tags), "tagStatus": "Any"},
            "rulePriority": 1,
        }
        for image in images
    ]
    details = {
        "repositoryName": repository,
        "lifecycleEventPolicy": {
            "lifecycleEventRules": [rule],
            "lastEvaluatedAt": evaluated,
            "policyId": "p",
        },
        "lifecycleEventImageActions": gone,
    }
    return {
        **made,
        "eventType": "AwsServiceEvent",
        "readOnly": True,
        "serviceEventDetails": details,
    }


def create_repository(
    repository: str = "prod/api",
    *,
    mutability: str = "IMMUTABLE",
    scanned: bool = True,
    **more: Any,
) -> Json:
    """CreateRepository; the response has the repository's initial settings."""
    account = more.get("account", ACCOUNT)
    made = {
        "repositoryName": repository,
        "registryId": account,
        "imageTagMutability": mutability,
        "imageScanningConfiguration": {"scanOnPush": scanned},
    }
    return record("CreateRepository", {"repositoryName": repository}, {"repository": made}, **more)


def delete_repository(
    repository: str = "prod/api", *, force: bool | None = True, **more: Any
) -> Json:
    """DeleteRepository; `force` None leaves it out."""
    request: Json = {"repositoryName": repository}
    if force is not None:
        request["force"] = force
    response = {"repository": {"repositoryName": repository}}
    return record("DeleteRepository", request, response, **more)


def set_policy(policy: object, repository: str = "prod/api", **more: Any) -> Json:
    """SetRepositoryPolicy; a policy that is not text is written as JSON."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request = {"repositoryName": repository, "policyText": text, "force": False}
    return record("SetRepositoryPolicy", request, request, **more)


def allow(
    *actions: str, to: object = "*", when: Json | None = None, **more: object
) -> dict[str, Any]:
    """A policy of one Allow statement."""
    statement: Json = {"Sid": "s", "Effect": "Allow", "Principal": to, "Action": list(actions)}
    if when is not None:
        statement["Condition"] = when
    return {"Version": "2012-10-17", "Statement": [{**statement, **more}]}


def set_registry_policy(policy: object, **more: Any) -> Json:
    """PutRegistryPolicy."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    return record("PutRegistryPolicy", {"policyText": text}, {"policyText": text}, **more)


def set_scanning(configuration: Json, repository: str = "prod/api", **more: Any) -> Json:
    """PutImageScanningConfiguration; `{}` also means off."""
    request = {"repositoryName": repository, "imageScanningConfiguration": configuration}
    return record("PutImageScanningConfiguration", request, request, **more)


def set_registry_scanning(scan_type: str, *rules: tuple[str, str], **more: Any) -> Json:
    """PutRegistryScanningConfiguration; rules are (frequency, filter)."""
    configuration = {
        "scanType": scan_type,
        "rules": [
            {
                "scanFrequency": frequency,
                "repositoryFilters": [{"filter": each, "filterType": "WILDCARD"}],
            }
            for frequency, each in rules
        ],
    }
    response = {"registryScanningConfiguration": configuration}
    return record("PutRegistryScanningConfiguration", configuration, response, **more)


def set_mutability(mode: str, *filters: str, repository: str = "prod/api", **more: Any) -> Json:
    """PutImageTagMutability, with exclusion filters."""
    request: Json = {"repositoryName": repository, "imageTagMutability": mode}
    if filters:
        request["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": each} for each in filters
        ]
    return record("PutImageTagMutability", request, request, **more)


def set_lifecycle(policy: object, repository: str = "prod/api", **more: Any) -> Json:
    """PutLifecyclePolicy; a policy that is not text is written as JSON."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request = {"repositoryName": repository, "lifecyclePolicyText": text}
    return record("PutLifecyclePolicy", request, request, **more)


def expiry(
    status: str = "any",
    count: str = "sinceImagePushed",
    number: int = 1,
    *,
    action: str = "expire",
    patterns: tuple[str, ...] = (),
) -> Json:
    """A lifecycle policy of one rule."""
    selection: Json = {"tagStatus": status, "countType": count, "countNumber": number}
    if count.startswith("since"):
        selection["countUnit"] = "days"
    if patterns:
        selection["tagPatternList"] = list(patterns)
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": action}}
    return {"rules": [rule]}


# Envelopes


def eventbridge(made: Json) -> Json:
    """The event that EventBridge delivers."""
    service_event = made["eventType"] == "AwsServiceEvent"
    return {
        "version": "0",
        "id": f"22222222-0000-4000-8000-{next(_ids):012d}",
        "detail-type": f"AWS {'Service Event' if service_event else 'API Call'} via CloudTrail",
        "source": "aws." + str(made["eventSource"]).removesuffix(".amazonaws.com"),
        "account": made["recipientAccountId"],
        "time": made["eventTime"],
        "region": made["awsRegion"],
        "resources": [],
        "detail": made,
    }


def log_file(*records: Json) -> Json:
    """A log file as CloudTrail puts it into S3."""
    return {"Records": list(records)}


def looked_up(*records: Json) -> Json:
    """What `aws cloudtrail lookup-events` prints."""
    return {
        "Events": [
            {
                "EventId": each["eventID"],
                "EventName": each["eventName"],
                "EventTime": each["eventTime"],
                "Resources": [],
                "CloudTrailEvent": json.dumps(each),
            }
            for each in records
        ]
    }
