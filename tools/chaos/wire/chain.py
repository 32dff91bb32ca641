"""What both clouds' chains behind the proxy share: settings, timeouts, protocols."""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol
from unittest.mock import patch

from registrywatch.delivery import Outcome, folding, queue
from registrywatch.delivery.destinations.kind import Answer, Request
from tools.chaos.wire.faults import Wire, WireFaults

PATIENCE = 0.8
"""Seconds that a client waits for a response; a deployed client waits longer."""

FASTER = 20.0
"""The factor by which delivery's clock is faster than real time."""

THRESHOLDS = {"excessive-image-pull": 8, "unfamiliar-pull": 5}
GIVEN = {
    "REGISTRYWATCH_WEBHOOK_URL": "https://chaos.test/plain",
    "REGISTRYWATCH_WEBHOOK_FOLD_SECONDS": "0",
    "REGISTRYWATCH_WEBHOOK_MIN_SEVERITY": "informational",
    "REGISTRYWATCH_LEARNING_DAYS": "0",
    **{
        f"REGISTRYWATCH_{cloud}_{rule.replace('-', '_').upper()}_THRESHOLD": str(threshold)
        for cloud in ("ECR", "ACR")
        for rule, threshold in THRESHOLDS.items()
    },
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
"""The settings of both clouds' workers."""

Post = Callable[[Request, float], Answer]
Clock = Callable[[], float]
Received = tuple[str, Callable[[], None]]
"""A message of the alert queue, and how it is deleted."""

VISIBLE_AGAIN = 2  # seconds until a message that was not deleted becomes visible


class Worker(Protocol):
    """A process with both functions. Several share the stores."""

    def take(self, document: str) -> bool:
        """Whether the document was handled; if not, it must be delivered again."""

    def deliver(self, body: str) -> Outcome:
        """The result of delivering a message of the alert queue."""


class Cloud(Protocol):
    """The servers behind their proxies, and the platform's own calls to them."""

    faults: Mapping[str, WireFaults]

    def worker(self, post: Post, clock: Clock) -> Worker: ...
    def receive(self) -> list[Received]: ...
    def waiting(self) -> int: ...


def faults_of(seed: int, wire: Wire, *, table: str, queue: str) -> dict[str, WireFaults]:
    return {
        table: WireFaults(f"{seed} {table}", wire.table),
        queue: WireFaults(f"{seed} {queue}", wire.queue),
    }


@contextmanager
def hurried(environ: dict[str, str]) -> Iterator[None]:
    """The environment of the functions, with delivery's delays shortened to fit its clock."""

    def sooner(seconds: float) -> int:
        return max(math.ceil(seconds / FASTER), 0)

    with patch.dict(os.environ, environ), ExitStack() as stack:
        for module in (folding, queue):
            stack.enter_context(patch.object(module, "delay_seconds", sooner))
        yield


def port_of(address: str) -> int:
    return int(address.split("//")[1].split("/")[0].rpartition(":")[2])
