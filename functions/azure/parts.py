"""The parts of the app on Azure: the library put together with Azure's stores and questions."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from registrywatch.alerts import Alert
from registrywatch.azure import exposure_state, log_state, names, scan_state
from registrywatch.azure.arm import Arm
from registrywatch.azure.clients import storage, token_for
from registrywatch.azure.inventory import Inventory
from registrywatch.azure.log_lines import log
from registrywatch.azure.queue import MOST_CHARACTERS, Queue
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.registry_states import RegistryStates
from registrywatch.azure.repository_counts import RepositoryCounts, completed
from registrywatch.azure.scope import WatchScope, watch_scope
from registrywatch.azure.state_watch import Question, State, StateWatch
from registrywatch.azure.table import Table, TableRows
from registrywatch.azure.unwatched import UnwatchedRegistries
from registrywatch.azure.watcher import Watcher
from registrywatch.azure.window_store import TableStore
from registrywatch.checks.arrivals import KIND as KIND_OF_ARRIVALS
from registrywatch.checks.arrivals import Arrivals
from registrywatch.checks.item import Item
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.self_check import SelfCheck
from registrywatch.checks.transitions import Transitions
from registrywatch.clouds import AZURE
from registrywatch.delivery import AlertQueue, AlertSender, Courier, SecretStore
from registrywatch.delivery.ledger import RowLedger
from registrywatch.deployed_detector import deployed_detector
from registrywatch.detector import Detector, HandOver
from registrywatch.detector.last_states import KIND as KIND_OF_STATES
from registrywatch.detector.memory import RowMemory
from registrywatch.events import RegistryEvent
from registrywatch.rules import CATALOGUE
from registrywatch.settings import parse
from registrywatch.settings.destinations import at_least_one
from registrywatch.sources import azure_names

if TYPE_CHECKING:
    import requests

RETENTION_SECONDS = 3 * 86_400
"""How late an event may arrive and still be counted: Event Grid tries for a day, an Event Hub keeps
a day; the rest is for a partition that had to wait."""

SEEN_SECONDS = 3 * 86_400
"""How long keys that were seen are kept: longer than Event Grid (24 hours) and an Event Hub (a day)
may deliver again."""

_REGISTRY_SCOPE = "https://containerregistry.azure.net/.default"
"""In public Azure; elsewhere registries accept tokens for Resource Manager (the audiences that
Microsoft's azure-containerregistry knows)."""


class Parts:
    """The parts of an app, each made once. Raises SettingsError."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float]) -> None:
        self.settings = parse(environ)
        self.destinations = at_least_one(self.settings.destinations)
        self.client_id = environ.get("AZURE_CLIENT_ID")
        self.clock = clock
        store = storage(environ)
        self.queues = {name: Queue(store.queue(name)) for name in names.QUEUES}
        self.tables = {name: Table(store.table(name)) for name in names.TABLES}

    def rows(self, kind: str) -> TableRows:
        """The rows of a kind in the table of states."""
        return TableRows(self.tables[names.STATE], kind)

    @cached_property
    def watched(self) -> WatchScope:
        azure = self.settings.azure
        cloud = AZURE.partition_of_management(azure.resource_manager)
        return watch_scope(azure.registries, azure.feeds, azure.app, cloud)

    @cached_property
    def memory(self) -> RowMemory:
        return RowMemory(self.rows("memory"), self.clock, SEEN_SECONDS)

    @cached_property
    def inventory(self) -> Inventory:
        return Inventory(self.rows("images"), self.clock)

    @cached_property
    def arrivals(self) -> Arrivals:
        registries = frozenset(each.lower() for each in self.settings.azure.registries)
        return Arrivals(self.rows(KIND_OF_ARRIVALS), self.clock, registries)

    @cached_property
    def dead_letters(self) -> tuple[Queue, ...]:
        return tuple(self.queues[name] for name in names.DEAD_LETTERS)

    @cached_property
    def detector(self) -> Detector:
        windows = self.tables[names.WINDOWS]
        return deployed_detector(
            self.settings,
            CATALOGUE,
            TableStore(windows),
            partial(TableRows, windows),
            self.rows(KIND_OF_STATES),
            self.hand_over,
            self.clock,
            RETENTION_SECONDS,
            self.memory,
            completed(self.watched, self.inventory),
        )

    @cached_property
    def hand_over(self) -> HandOver:
        """A function that puts an alert on the alert queue for each destination, and logs it."""
        send = AlertSender(
            self.destinations, self.queues[names.ALERTS], MOST_CHARACTERS, self.clock
        )

        def hand_over(alert: Alert) -> None:
            log(
                "alert",
                alert=alert.id,
                rule=alert.rule,
                severity=alert.severity.value,
                destinations=send(alert),
            )

        return hand_over

    def raise_alert(self, event: RegistryEvent) -> None:
        """Raise the alerts of one event, or StoreError."""
        self.detector.detect_one(self.watched.in_this_cloud(event))

    @cached_property
    def arm(self) -> Arm:
        address = self.settings.azure.resource_manager
        return Arm(_session(), self._token(f"{address.rstrip('/')}/.default"), address)

    @cached_property
    def registries(self) -> RegistryApi:
        address = self.settings.azure.resource_manager
        public = AZURE.partition_of_management(address) is AZURE.partitions[0]
        scope = _REGISTRY_SCOPE if public else f"{address.rstrip('/')}/.default"
        return RegistryApi(_session(), self._token(scope))

    def _token(self, scope: str) -> Callable[[], str]:
        return token_for(scope, self.client_id)

    @cached_property
    def states(self) -> RegistryStates:
        def watch[S: State](question: Question[S]) -> StateWatch[S]:
            return StateWatch(question, self.rows(question.name), self.raise_alert, self.clock)

        return RegistryStates(
            self.watched,
            watch(scan_state.question(self.arm)),
            watch(log_state.question(self.arm, self.settings.azure.log_destination)),
            watch(exposure_state.question(self.arm)),
            self.arm.begin_look,
        )

    @cached_property
    def self_check(self) -> SelfCheck:
        azure = self.settings.azure
        subscription = azure_names.subscription(azure.app or next(iter(azure.registries), None))
        place = CheckedPlace("azure", subscription, None)
        return SelfCheck(
            self._check,
            Transitions(self.rows("check"), place, self.raise_alert, self.clock),
            lambda silent: self.arrivals.report(self.raise_alert, all_silent=silent),
            self.settings.heartbeat_url,
            self.clock,
        )

    def _check(self) -> tuple[Item, ...]:
        from registrywatch.azure.check import Deployment, check  # a start needs none of it

        azure = self.settings.azure
        deployment = Deployment(
            azure.registries, azure.feeds, azure.log_destination, azure.app, azure.principal
        )
        return check(deployment, self.arm, self.dead_letters, self.clock)

    @cached_property
    def watcher(self) -> Watcher:
        rechecks = self.queues[names.RECHECKS]
        return Watcher(
            self.detector,
            self.watched,
            self.states,
            RepositoryCounts(
                self.detector.detect_one,
                self.watched,
                self.registries,
                self.inventory,
                self.memory,
                rechecks,
            ),
            UnwatchedRegistries(self.rows("images"), self.raise_alert, self.clock),
            self.memory,
            rechecks,
            self.self_check.run,
        )

    @cached_property
    def courier(self) -> Courier:
        return Courier(
            self.destinations,
            RowLedger(TableRows(self.tables[names.DELIVERIES], "delivery"), self.clock),
            AlertQueue(
                self.queues[names.ALERTS], self.queues[names.ALERTS_POISON], MOST_CHARACTERS
            ),
            SecretStore(),
            self.clock,
            give_up_seconds=self.settings.give_up_seconds,
        )


def _session() -> "requests.Session":
    import requests  # with the first event: the worker starts a sixth sooner without it

    return requests.Session()
