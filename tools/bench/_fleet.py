"""The registry traffic of a company's fleet, and attacks in it. Seeded.

Normal traffic must raise no serious alert: clusters whose nodes are replaced, a CI that signs and
caches, a GitOps controller, a scanner, nightly expiry.
"""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.builders import azure
from tests.builders import cloudtrail as ct

DAY = 86_400
HOUR = 3_600
START = 1_785_542_400
"""Midnight UTC, 1 August 2026."""

NODES_ROLE = "ClusterNodes"
_INSPECTOR = "aws-service-role/inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2"


class Size(NamedTuple):
    """The size of the fleet; rates are per day."""

    nodes: int = 200
    services: int = 126
    deployments: int = 150
    churn: int = 150
    morning: int = 60
    builds: int = 400
    charts: int = 40
    expired_repositories: int = 40
    archived: int = 900


class Fleet:
    """The traffic of one company by day, in order of time: records of CloudTrail and ACR."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._size = size
        self._services = [f"team-{n % 12}/service-{n}" for n in range(size.services)]
        self._versions = dict.fromkeys(self._services, 1)
        self.archive = [f"archive/project-{n}" for n in range(size.archived)]

    def day(self, number: int) -> Iterator[dict[str, Any]]:
        """All records of a day; the first day is 0."""
        rng, start = self._rng, START + number * DAY
        made = [
            *self._deployments(start),
            *self._churn(start),
            *self._builds(start),
            *self._gitops(start),
            *self._expiry(start),
            *self._azure(start),
        ]
        if number % 3 == 0:
            made += self._new_service(start + rng.uniform(9, 17) * HOUR)
        if number % 5 == 0:
            made += self._release(start + 15 * HOUR)
        made.sort(key=lambda each: each[0])
        return (record for _, record in made)

    def _deployments(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        for _ in range(self._size.deployments):
            service = self._rng.choice(self._services)
            at = start + self._rng.gauss(13, 3) * HOUR
            for node in range(self._rng.randrange(2, 7)):
                yield from self._image(service, at + node * self._rng.uniform(1, 20))

    def _churn(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """Spot nodes are replaced all day, and a cluster scales up in the morning."""
        times = [start + self._rng.uniform(0, DAY) for _ in range(self._size.churn)]
        times += [start + 8 * HOUR + self._rng.uniform(0, 600) for _ in range(self._size.morning)]
        for at in times:
            for service in self._rng.sample(self._services, 14):
                yield from self._image(service, at + self._rng.uniform(0, 90))

    def _image(self, service: str, at: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """A node pulls an image as containerd does: tag, index, platform."""
        tag = f"1.{self._versions[service]}"
        node = f"i-{self._rng.randrange(self._size.nodes):017x}"
        of: ct.Json = {"repository": service, "by": ct.role(NODES_ROLE, node)}
        for step, image in enumerate(
            (tag, ct.digest(f"{service}/{tag}"), ct.digest(f"{service}/{tag}/amd64"))
        ):
            yield at + step, ct.by_docker(ct.pull(image, at=at + step, **of))

    def _builds(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        for _ in range(self._size.builds):
            at = start + self._rng.uniform(8, 18) * HOUR
            yield from self._build(self._rng.choice(self._services), at)

    def _build(self, service: str, at: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """kaniko pulls cached layers and pushes new ones; cosign signs; Inspector scans."""
        self._versions[service] += 1
        tag, rng = f"1.{self._versions[service]}", self._rng
        by = ct.role("CI", f"build-{rng.randrange(10**6)}")
        cache: ct.Json = {"repository": f"{service}/cache", "by": by}
        for layer in range(rng.randrange(4, 12)):
            key = ct.digest(f"{service}/{layer}/{rng.randrange(3)}")[7:]
            lost = (key,) if rng.random() < 0.6 else ()
            yield at + layer, ct.pull(key, missing=lost, at=at + layer, **cache)
            if lost:
                yield at + 60 + layer, ct.push(key, key, at=at + 60 + layer, **cache)
        there: ct.Json = {"repository": service, "by": by}
        index = f"{service}/{tag}"
        for name in (f"{index}/amd64", f"{index}/arm64"):
            yield at + 90, ct.push(None, name, at=at + 90, **there)
        yield at + 91, ct.push(tag, index, at=at + 91, **there)
        for suffix in (".sig", ".att"):
            named = ct.digest(index).replace(":", "-") + suffix
            yield at + 95, ct.push(named, named, at=at + 95, **there)
        inspector = ct.role(NODES_ROLE, "scan")
        arn = f"arn:aws:iam::{ct.ACCOUNT}:role/{_INSPECTOR}"
        inspector["sessionContext"]["sessionIssuer"]["arn"] = arn
        scan = ct.pull(
            ct.digest(index), repository=service, by=ct.through("inspector2", inspector), at=at + 99
        )
        yield at + 99, scan

    def _release(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """Sixty services within eight minutes."""
        for service in self._rng.sample(self._services, min(60, len(self._services))):
            yield from self._build(service, start + self._rng.uniform(0, 480))

    def _new_service(self, at: float) -> Iterator[tuple[float, dict[str, Any]]]:
        service = f"team-{self._rng.randrange(12)}/new-{int(at)}"
        self._services.append(service)
        self._versions[service] = 1
        by = ct.role("Platform", "terraform")
        yield at, ct.create_repository(service, by=by, at=at)
        yield from self._build(service, at + 600)
        yield from self._image(service, at + 1200)

    def _gitops(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """Every chart is pulled every five minutes."""
        by = ct.role("GitOps", "flux")
        for tick in range(0, DAY, 300):
            for chart in range(self._size.charts):
                at = start + tick + chart / 4
                made = ct.pull(f"0.{chart}", repository=f"charts/app-{chart}", by=by, at=at)
                yield at, ct.by_docker(made)

    def _expiry(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """Lifecycle policies expire images at night, at most nine a record."""
        for number, service in enumerate(self._services[: self._size.expired_repositories]):
            at = start + 2 * HOUR + number * 20
            for part in range(2):
                gone = [ct.digest(f"{service}/{at}/{part}/{n}") for n in range(9)]
                run = int(at * 1000)
                made = ct.expire_images(*gone, repository=service, evaluated=run, at=at + part)
                yield at + part, made

    def _azure(self, start: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """A small cluster on Azure restarts the same thirty services repeatedly."""
        for tick in range(0, DAY, 2 * HOUR):
            for number in range(30):
                yield start + tick + number, acr_pull("kubelet", number, start + tick + number)


def acr_pull(who: str, number: int, at: float, location: str = "westeurope") -> dict[str, Any]:
    """A pull in the resource log of an Azure registry, from any replica."""
    made = azure.logged("Pull", f"image-{number}", "v1", f"app/service-{number}", by=who, at=at)
    return azure.hub({**made, "location": location})


class Attack(NamedTuple):
    """An attacker's records, each with the number of images lost or copied so far."""

    name: str
    records: list[tuple[float, dict[str, Any], int]]


def attacks(fleet: Fleet, start: float) -> list[Attack]:
    """Six attacks that copy or delete images, one an hour from `start`."""
    developer = ct.role("Developer", "eve")

    def copied(by: ct.Json, at: float, every: float, number: int) -> list[Any]:
        return [
            (
                at + n * every,
                ct.by_docker(ct.pull("1.0", repository=name, by=by, at=at + n * every)),
                n + 1,
            )
            for n, name in enumerate(fleet.archive[:number])
        ]

    deleter, tidy = ct.role("Deployer", "mallory"), ct.role("Ops", "trent")
    singly = [
        (
            start + 2 * HOUR + n,
            ct.delete_images(
                ct.digest(f"w{n}"), repository="team-1/service-1", by=deleter, at=start + 7200 + n
            ),
            n + 1,
        )
        for n in range(300)
    ]
    emptied = []
    for n in range(20):
        at, name = start + 3 * HOUR + 60 * n, f"team-{n % 12}/service-{n}"
        gone = ct.delete_images(*map(ct.digest, range(n, n + 9)), repository=name, by=tidy, at=at)
        emptied.append((at, gone, 9 * n + 9))
        dropped = ct.delete_repository(name, force=False, by=tidy, at=at + 5)
        emptied.append((at + 5, dropped, 9 * n + 9))
    abroad = [
        (
            start + 4 * HOUR + n * 60,
            ct.pull("1.0", repository="team-3/service-3", by=ct.foreign(), at=start + 14_400 + n),
            n + 1,
        )
        for n in range(10)
    ]
    replicas = [
        (
            start + 5 * HOUR + n * 7,
            acr_pull(
                "kubelet", 100 + n, start + 5 * HOUR + n * 7, ("westeurope", "northeurope")[n % 2]
            ),
            n + 1,
        )
        for n in range(120)
    ]
    return [
        Attack("the slow copier", copied(developer, start, 600 / 86, 900)),
        Attack("the stolen node role", copied(ct.role(NODES_ROLE, "i-1"), start + HOUR, 60, 60)),
        Attack("the one-by-one wiper", singly),
        Attack("the wiper that empties repositories before deleting them", emptied),
        Attack("the foreign account", abroad),
        Attack("the copier over replicas", replicas),
    ]
