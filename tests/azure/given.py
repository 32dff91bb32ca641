"""What tests of Azure's pieces start from: rows and queues in memory, a detector, a watcher."""

from typing import Any

import msgspec
import requests

from registrywatch import sources
from registrywatch.alerts import Alert
from registrywatch.azure import exposure_state, log_state, scan_state
from registrywatch.azure.arm import Arm
from registrywatch.azure.inventory import Inventory
from registrywatch.azure.rechecks import decode as decode_recheck
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.registry_states import RegistryStates
from registrywatch.azure.repository_counts import RepositoryCounts, completed
from registrywatch.azure.scope import WatchScope
from registrywatch.azure.state_watch import StateWatch
from registrywatch.azure.unwatched import UnwatchedRegistries
from registrywatch.azure.watcher import Watcher
from registrywatch.detector import Detector
from registrywatch.detector.memory import InMemory
from registrywatch.errors import StoreError
from registrywatch.events import RegistryEvent
from registrywatch.rows import MemoryRows
from registrywatch.rules import CATALOGUE, Trust
from registrywatch.windows import Counter, MemoryStore
from tests.azure.http_stub import HttpStub
from tests.builders.azure import SUBSCRIPTION, registry_id
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

WATCHED = WatchScope(registries=(registry_id(),), feeds=())
PLANS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings"
OVERRIDE = f"{registry_id()}/providers/Microsoft.Security/pricings/Containers"


class QueueInMemory:
    """A queue; `messages` holds each text with its delay."""

    name = "in-memory"

    def __init__(self) -> None:
        self.messages: list[tuple[str, int]] = []
        self.fails = False

    def send(self, text: str, delay_seconds: int = 0) -> None:
        if self.fails:
            raise StoreError("queue in-memory: out of order")
        self.messages.append((text, delay_seconds))

    def depth(self) -> int:
        return len(self.messages)

    def take(self) -> tuple[str, int]:
        """The next message with its delay."""
        return self.messages.pop(0)


class Scene:
    """A watcher of one registry whose Azure answers from a stub; `alerts` is what it raised."""

    def __init__(
        self,
        azure: HttpStub,
        watched: WatchScope = WATCHED,
        log_destination: str | None = None,
    ) -> None:
        self.self_checks = 0
        self.azure = azure
        self.log_destination = log_destination
        self.alerts: list[Alert] = []
        self.queue = QueueInMemory()
        self.scanning_rows = MemoryRows()
        self.log_rows = MemoryRows()
        self.exposure_rows = MemoryRows()
        self.image_rows = MemoryRows()
        self.memory = InMemory()
        self.slept: list[float] = []
        self.fail_to_hand_over = False
        self.watched = watched
        self.watcher = self.another_worker()

    def another_worker(self) -> Watcher:
        """A watcher with a process of its own: it shares what is stored, and nothing else."""
        inventory = Inventory(self.image_rows, lambda: T0)
        detector = Detector(
            CATALOGUE,
            {},
            Trust(),
            Counter(MemoryStore(), lambda: T0),
            self._hand_over,
            memory=self.memory,
            completed=completed(self.watched, inventory),
        )
        http = requests.Session()
        arm = Arm(http, lambda: "arm-token", self.azure.url, sleep=self.slept.append)

        states = RegistryStates(
            self.watched,
            StateWatch(
                scan_state.question(arm),
                self.scanning_rows,
                detector.detect_one,
                lambda: T0,
            ),
            StateWatch(
                log_state.question(arm, self.log_destination),
                self.log_rows,
                detector.detect_one,
                lambda: T0,
            ),
            StateWatch(
                exposure_state.question(arm),
                self.exposure_rows,
                detector.detect_one,
                lambda: T0,
            ),
        )
        registries = RegistryApi(
            self.azure.session_to_any_host(),
            lambda: "entra-token",
            scheme="http",
            sleep=self.slept.append,
        )
        return Watcher(
            detector,
            self.watched,
            states,
            RepositoryCounts(
                detector.detect_one,
                self.watched,
                registries,
                inventory,
                self.memory,
                self.queue,
            ),
            UnwatchedRegistries(self.image_rows, detector.detect_one, lambda: T0),
            self.memory,
            self.queue,
            self._check_itself,
        )

    def _check_itself(self) -> None:
        self.self_checks += 1

    def arrive(self, *documents: Json) -> None:
        """Events of the documents arrive, and what they lead to at once is done."""
        assert self.watcher.handle(events(*documents)).failed == {}
        self.take_looks()

    def take_looks(self) -> None:
        """Take the messages that wait for nothing, as the queue's function does at once."""
        due = [text for text, delay in self.queue.messages if delay == 0]
        self.queue.messages = [each for each in self.queue.messages if each[1] > 0]
        for text in due:
            self.watcher.recheck(decode_recheck(text))

    def rules(self) -> list[str]:
        """The rules of the alerts so far, in order."""
        return [alert.rule for alert in self.alerts]

    def _hand_over(self, alert: Alert) -> None:
        if self.fail_to_hand_over:
            raise StoreError("queue alerts: out of order")
        self.alerts.append(alert)


def events(*documents: Json) -> list[RegistryEvent]:
    """The events that documents hold."""
    found: list[RegistryEvent] = []
    for document in documents:
        reading = sources.read(msgspec.json.encode(document))
        assert reading.problems == []
        found += reading.events
    return found


def plan(*, tier: str = "Standard", access: str | None = "True", **more: Any) -> Json:
    """What Azure Resource Manager answers about a Defender plan; `access` is registry access."""
    properties: Json = {"pricingTier": tier, **more}
    if access is not None:
        properties["extensions"] = [
            {"name": "AgentlessVmScanning", "isEnabled": "True"},
            {"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": access},
        ]
    return {"name": "Containers", "type": "Microsoft.Security/pricings", "properties": properties}


FREE = plan(tier="Free", access=None)
NO_ACCESS = plan(access="False")
INHERITED = plan(inherited="True", inheritedFrom=f"/subscriptions/{SUBSCRIPTION}")
