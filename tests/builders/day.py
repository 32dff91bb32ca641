"""A day of a company's registries, with an attack: the input of `make demo`. Seeded.

All day, builds push, clusters pull and lifecycle policies delete old images, on AWS and on Azure.
At night, an attacker with a developer's credentials opens a policy, has every image replicated to
their own account, switches scanning off, makes tags mutable, copies the registry, deletes images
and a repository, and stops the trail. On Azure they read the admin password and do the same.
"""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.builders import azure as az
from tests.builders import blinding
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0, iso

HOUR = 3600.0
MIDNIGHT = T0 - 9 * HOUR
NIGHT = MIDNIGHT + 22.4 * HOUR
SERVICES = tuple(f"shop/{name}" for name in ("web", "api", "cart", "search", "mail", "worker"))
ATTACKER_IP = "198.51.100.23"
CI = ct.role("ci-builder", "GitHubActions")
NODES = tuple(ct.role("eks-node", f"i-{number:017x}") for number in range(8))
THIEF = ct.role("Developer", "svc-backup")
AZURE_THIEF = "temp-contractor@example.com"


def write(folder: Path, seed: int = 7) -> None:
    """Write the day as real files: CloudTrail log files by the hour, Event Grid's events, and the
    registry's resource logs as from an Event Hub.
    """
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    aws = sorted((*_everyday(rng), *_attack()), key=lambda each: str(each["eventTime"]))
    for hour, records in _by_hour(aws):
        name = f"111122223333_CloudTrail_eu-west-1_{hour}_demo.json.gz"
        (folder / name).write_bytes(gzip.compress(json.dumps(ct.log_file(*records)).encode()))
    grid = sorted((*_azure_builds(), *_azure_attack()), key=lambda each: str(each["eventTime"]))
    (folder / "event-grid.jsonl").write_text("".join(json.dumps(each) + "\n" for each in grid))
    logs = sorted((*_azure_pulls(rng), *_azure_theft()), key=lambda each: str(each["time"]))
    batches = (logs[at : at + 50] for at in range(0, len(logs), 50))
    (folder / "event-hub.jsonl").write_text(
        "".join(json.dumps(az.hub(*batch)) + "\n" for batch in batches)
    )


def everyday_records(seed: int = 7) -> list[ct.Json]:
    """The CloudTrail records of normal traffic on that day."""
    return [*_everyday(random.Random(seed))]


def attack_records() -> list[ct.Json]:
    """The attacker's CloudTrail records."""
    return [*_attack()]


def _by_hour(records: list[ct.Json]) -> Iterator[tuple[str, list[ct.Json]]]:
    hours = defaultdict(list)
    for each in records:
        hours[str(each["eventTime"])[:13].replace("-", "")].append(each)
    yield from hours.items()


# What goes on every day


def _everyday(rng: random.Random) -> Iterator[ct.Json]:
    for build in range(60):
        yield from _build(rng.choice(SERVICES), build, MIDNIGHT + 7 * HOUR + build * 600)
    for start in range(900):
        at = MIDNIGHT + start * 95
        image = ct.digest(f"{rng.choice(SERVICES)}/{start // 150}")
        caller = rng.choice(NODES)
        yield ct.by_docker(ct.pull(image, repository=rng.choice(SERVICES), by=caller, at=at))
    for number, service in enumerate(SERVICES):
        at = MIDNIGHT + 3 * HOUR + number * 60
        yield {**ct.expire_images(ct.digest(f"old {service}"), repository=service), **_times(at)}
    terraform = ct.role("terraform", "plan-apply")
    at = MIDNIGHT + 10 * HOUR
    yield ct.create_repository("shop/coupons", by=terraform, at=at)
    untagged = ct.expiry("untagged", number=14)
    yield ct.set_lifecycle(untagged, "shop/coupons", by=terraform, at=at + 2)
    lambda_service = ct.allow(
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        to={"Service": "lambda.amazonaws.com"},
        when={"StringEquals": {"aws:SourceAccount": ct.ACCOUNT}},
    )
    yield ct.set_policy(lambda_service, "shop/mail", by=terraform, at=at + 3)
    denied = ct.delete_repository("shop/web", by=ct.role("Developer", "carol"), at=at + HOUR)
    yield ct.failed(denied)


def _times(at: float) -> ct.Json:
    return {"eventTime": iso(at)}


def _build(service: str, build: int, at: float) -> Iterator[ct.Json]:
    """A build for two platforms: two untagged manifests, then the index with its tags."""
    for number, part in enumerate(("amd64", "arm64")):
        made = ct.push(None, f"{service}/{build}/{part}", service, by=CI, at=at + number)
        yield ct.by_docker(made)
    for tag in (f"build-{build}", "main"):
        yield ct.by_docker(ct.push(tag, f"{service}/{build}", service, by=CI, at=at + 3))


def _azure_builds() -> Iterator[ct.Json]:
    for build in range(40):
        at = MIDNIGHT + 8 * HOUR + build * 700
        yield az.pushed(f"build-{build}", f"orders/{build}", "orders-api", at=at)
    yield az.deleted("orders/old", "orders-api", at=MIDNIGHT + 4 * HOUR)


def _azure_pulls(rng: random.Random) -> Iterator[ct.Json]:
    for start in range(300):
        repository = rng.choice(("orders-api", "billing", "gateway"))
        at = MIDNIGHT + start * 280
        image = f"{repository}/{start // 60}"
        yield az.logged("Pull", image, "main", repository, by="aks-kubelet", at=at)


# What goes on at night


def _attack() -> Iterable[ct.Json]:
    at = NIGHT
    who: dict[str, Any] = {
        "by": THIEF,
        "ip": ATTACKER_IP,
        "agent": "Boto3/1.28.0 md/Botocore#1.31.0",
    }
    stranger = ct.allow(
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:PutImage",
        to={"AWS": f"arn:aws:iam::{ct.FOREIGN}:root"},
    )
    yield ct.set_policy(stranger, "shop/api", at=at, **who)
    yield _replicated(ct.FOREIGN, at=at + 20, **who)
    yield ct.set_registry_scanning("BASIC", at=at + 40, **who)
    yield ct.set_mutability("MUTABLE", repository="shop/api", at=at + 65, **who)
    for number in range(240):
        service = SERVICES[number % len(SERVICES)]
        image = ct.digest(f"{service}/{number}")
        yield ct.pull(image, repository=service, at=at + 120 + number, **who)
    yield ct.push("latest", "poisoned", "shop/api", at=at + 600, **who)
    gone = tuple(ct.digest(f"shop/cart/{number}") for number in range(60))
    tags = {"release-41": gone[0]}
    yield ct.delete_images(*gone, tags=tags, repository="shop/cart", at=at + 700, **who)
    yield ct.set_lifecycle(ct.expiry("any", number=1), "shop/search", at=at + 760, **who)
    yield ct.delete_repository("shop/worker", at=at + 800, **who)
    yield blinding.call("cloudtrail", "StopLogging", {"name": "main"}, at=at + 840, **who)


def _replicated(account: str, **more: Any) -> ct.Json:
    """Every image is replicated to an account from now on."""
    rules = [{"destinations": [{"region": ct.REGION, "registryId": account}]}]
    request = {"replicationConfiguration": {"rules": rules}}
    return ct.record("PutReplicationConfiguration", request, request, **more)


def _azure_attack() -> Iterable[ct.Json]:
    at = NIGHT + 1200
    registry = "Microsoft.ContainerRegistry/registries"
    for number, action in enumerate(("listCredentials", "regenerateCredential")):
        yield az.resource_changed(
            f"{registry}/{action}/action", az.registry_id(), by=AZURE_THIEF, at=at - 60 + number
        )
    yield az.plan_changed("Containers", by=AZURE_THIEF, at=at)
    for number in range(12):
        yield az.deleted(
            f"billing/{number}", "billing", request="purge-1", at=at + 400 + number / 4
        )


def _azure_theft() -> Iterable[ct.Json]:
    at = NIGHT + 1300
    for number in range(240):
        repository = ("orders-api", "billing", "gateway")[number % 3]
        yield az.logged(
            "Pull",
            f"{repository}/{number}",
            None,
            repository,
            by=AZURE_THIEF,
            at=at + number,
            ip=ATTACKER_IP,
            agent="oras/1.2.0",
        )
    yield az.logged(
        "Delete",
        None,
        None,
        "billing",
        status="202",
        by=AZURE_THIEF,
        at=at + 303,
        ip=ATTACKER_IP,
        agent="AZURECLI/2.91.0",
    )
