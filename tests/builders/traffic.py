"""A company's traffic, of any length, for benchmarks and load tests. Seeded."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from tests.builders import cloudtrail as ct
from tests.builders.clock import T0

ACCOUNTS = ("111122223333", "222233334444")
ROLES = tuple(f"team-{number}" for number in range(12))
IMAGES_A_ROLE = 25
_MEDIA = tuple(
    f"application/vnd.{kind}+json"
    for kind in (
        "docker.distribution.manifest.v2",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v1",
        "oci.image.manifest.v1",
        "oci.image.index.v1",
    )
)
_UNREAD = ("DescribeImages", "ListImages", "InitiateLayerUpload", "BatchCheckLayerAvailability")


def mixed(
    count: int, seconds: int = 86_400, seed: int = 1, roles: Sequence[str] = ROLES
) -> Iterator[ct.Json]:
    """EventBridge events in order of time: 70 % pulls, 15 % pushes, 15 % others."""
    rng = random.Random(seed)
    for number in range(count):
        at = T0 + number * seconds / count
        kind = rng.random()
        if kind < 0.7:
            made = _pull(rng, at, roles)
        elif kind < 0.85:
            made = _push(rng, at, number, roles)
        else:
            made = _other(rng, at, roles)
        yield ct.eventbridge(made)


def pulls(count: int, seconds: int, seed: int = 1) -> Iterator[ct.Json]:
    """CloudTrail records of only pulls, in order of time."""
    rng = random.Random(seed)
    for number in range(count):
        yield _pull(rng, T0 + number * seconds / count, ROLES)


def _someone(rng: random.Random, roles: Sequence[str]) -> tuple[str, str, dict[str, Any]]:
    account, role = rng.choice(ACCOUNTS), rng.choice(roles)
    return account, role, ct.role(role, f"i-{rng.randrange(200):017x}", account)


def _image(rng: random.Random, role: str) -> int:
    """An image of the role; some are pulled far more often than others."""
    return min(int(rng.paretovariate(0.8)) - 1, IMAGES_A_ROLE - 1)


def _pull(rng: random.Random, at: float, roles: Sequence[str]) -> ct.Json:
    account, role, caller = _someone(rng, roles)
    image = _image(rng, role)
    made = ct.pull(
        ct.digest(f"{role}/{image}"),
        repository=f"{role}/service-{image % 8}",
        by=caller,
        at=at,
        account=account,
    )
    made["requestParameters"]["acceptedMediaTypes"] = list(_MEDIA)
    return _padded(ct.by_docker(made))


def _push(rng: random.Random, at: float, number: int, roles: Sequence[str]) -> ct.Json:
    account, role, caller = _someone(rng, roles)
    image = _image(rng, role)
    return ct.by_docker(
        ct.push(
            f"build-{number}",
            f"{role}/{image}/{at // 3600}",
            repository=f"{role}/service-{image % 8}",
            by=caller,
            at=at,
            account=account,
        )
    )


def _other(rng: random.Random, at: float, roles: Sequence[str]) -> ct.Json:
    account, role, caller = _someone(rng, roles)
    repository = f"{role}/service-{rng.randrange(8)}"
    common: dict[str, Any] = {"by": caller, "at": at, "account": account}
    if rng.random() < 0.9:
        request = {"registryId": account, "repositoryName": repository, "maxResults": 100}
        return _padded(ct.record(rng.choice(_UNREAD), request, **common))
    harmless = rng.choice(
        (
            ct.set_mutability("IMMUTABLE", repository=repository, **common),
            ct.set_scanning({"scanOnPush": True}, repository=repository, **common),
            ct.delete_repository(repository, force=False, **common),
            ct.create_repository(repository, **common),
        )
    )
    return _padded(harmless)


def _padded(made: ct.Json) -> ct.Json:
    """The record at the length of real ones, about 2.5 kB in its envelope."""
    return {**made, "additionalEventData": {"trace": "-" * 800, "vpc": "vpce-0123456789abcdef0"}}
