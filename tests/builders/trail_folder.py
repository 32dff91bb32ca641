"""A folder of CloudTrail log files as in a bucket: few of the records are of ECR."""

import gzip
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.builders import cloudtrail as ct
from tests.builders.clock import T0, iso
from tests.builders.traffic import ROLES, mixed

_OTHERS = (
    ("s3.amazonaws.com", "GetBucketAcl", {"bucketName": "company-logs", "acl": ""}),
    ("sts.amazonaws.com", "AssumeRole", {"roleArn": "arn:aws:iam::111122223333:role/Node"}),
    ("kms.amazonaws.com", "Decrypt", {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::data"}}),
    ("ec2.amazonaws.com", "DescribeInstances", {"instancesSet": {"items": []}, "maxResults": 50}),
    ("logs.amazonaws.com", "DescribeLogStreams", {"logGroupName": "/aws/lambda/orders"}),
    ("dynamodb.amazonaws.com", "DescribeTable", {"tableName": "orders"}),
)


def write(
    folder: Path,
    records: int,
    a_file: int = 2_000,
    share: float = 0.03,
    seed: int = 3,
    roles: Sequence[str] = ROLES,
) -> int:
    """Write files of `a_file` records, a `share` of them of ECR. Returns their size in bytes."""
    size = 0
    made = everything(records, share, seed, roles)
    for number in range(0, records, a_file):
        batch = [*itertools.islice(made, a_file)]
        day = folder / "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/08/01"
        day.mkdir(parents=True, exist_ok=True)
        path = day / f"111122223333_CloudTrail_eu-west-1_20260801T{number:09d}Z_x.json.gz"
        packed = gzip.compress(json.dumps({"Records": batch}, separators=(",", ":")).encode(), 6)
        size += path.write_bytes(packed)
    return size


def everything(
    records: int, share: float, seed: int, roles: Sequence[str] = ROLES
) -> Iterator[ct.Json]:
    """Records in order of time."""
    rng = random.Random(seed)
    ecr = mixed(int(records * share) + records, roles=roles)
    for number in range(records):
        at = T0 + number * 86_400 / records
        if rng.random() < share:
            yield {**next(ecr)["detail"], "eventTime": iso(at)}
        else:
            yield _other(rng, number, at)


def _other(rng: random.Random, number: int, at: float) -> ct.Json:
    source, name, request = rng.choice(_OTHERS)
    role = ct.role(f"team-{rng.randrange(40)}", f"i-{rng.randrange(500):017x}")
    made: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": role,
        "eventTime": iso(at),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
        "userAgent": "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.6 md/GOOS#linux md/GOARCH#amd64",
        "requestParameters": request,
        "responseElements": None,
        "requestID": f"{rng.getrandbits(64):016x}",
        "eventID": f"22222222-0000-4000-8000-{number:012x}",
        "readOnly": True,
        "resources": [{"accountId": "111122223333", "type": "AWS::S3::Bucket"}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{source.partition('.')[0]}.eu-west-1.amazonaws.com",
        },
        "vpcEndpointId": "vpce-0123456789abcdef0",
    }
    return made
