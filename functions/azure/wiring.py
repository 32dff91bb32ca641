"""Puts the library together for Azure: once a process, from the environment."""

import functools
import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from functions.azure.intake import Intake
from registrywatch.alerts import Alert
from registrywatch.azure import exposure_state, log_state, names, scan_state
from registrywatch.azure.arm import Arm
from registrywatch.azure.check import Deployment, check
from registrywatch.azure.clients import storage, token_for
from registrywatch.azure.dead_letters import DeadLetterWatch
from registrywatch.azure.log_lines import log
from registrywatch.azure.memory import KEPT_SECONDS, Inventory
from registrywatch.azure.parked_queue import Parking
from registrywatch.azure.queue import MOST_CHARACTERS, Queue
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.scope import Watched, watched
from registrywatch.azure.state_watch import StateWatch
from registrywatch.azure.stuck_queues import StuckWatch
from registrywatch.azure.table import Table, TableRows
from registrywatch.azure.unwatched import UnwatchedRegistries
from registrywatch.azure.watcher import Watcher, completed
from registrywatch.azure.window_store import TableStore
from registrywatch.checks.arrivals import KIND as KIND_OF_ARRIVALS
from registrywatch.checks.arrivals import Arrivals
from registrywatch.checks.report import Place
from registrywatch.checks.self_check import SelfCheck
from registrywatch.checks.transitions import Transitions
from registrywatch.clouds import AZURE
from registrywatch.delivery import AlertQueue, AlertSender, Courier, SecretStore
from registrywatch.delivery.ledger import RowLedger
from registrywatch.detector import Detector, HandOver
from registrywatch.detector.history import KIND as SETTINGS_KIND
from registrywatch.detector.history import LiveChanges
from registrywatch.detector.last_states import KIND as KIND_OF_STATES
from registrywatch.detector.memory import DAY, RowMemory
from registrywatch.events import RegistryEvent
from registrywatch.rows import Rows
from registrywatch.rules import CATALOGUE
from registrywatch.settings import Settings, parse
from registrywatch.settings.destinations import at_least_one
from registrywatch.windows import Counter, SightingCache
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances
from registrywatch.windows.acquaintances import Acquaintances

if TYPE_CHECKING:
    import requests

RETENTION_SECONDS = 3 * 86_400
"""How late an event may arrive and still be counted: Event Grid tries for a day, an Event Hub keeps
a day; the rest is for a partition that had to wait."""

_REGISTRY_SCOPE = "https://containerregistry.azure.net/.default"
"""In public Azure; elsewhere registries accept tokens for Resource Manager (the audiences that
Microsoft's azure-containerregistry knows)."""


class App(msgspec.Struct, frozen=True):
    """What the triggers use. `tables` are swept; `clock` gives seconds since the epoch."""

    intake: Intake
    watcher: Watcher
    courier: Courier
    self_check: SelfCheck
    dead_letters: tuple[Queue, ...]
    dead_letter_watch: DeadLetterWatch
    triggers_queues: tuple[Queue, ...]
    stuck_watch: StuckWatch
    tables: tuple[Table, ...]
    clock: Callable[[], float]


@functools.cache
def app() -> App:
    """This process's app. Raises SettingsError if a setting can't be used."""
    logging.getLogger("registrywatch").setLevel(logging.INFO)
    logging.getLogger("azure").setLevel(logging.WARNING)  # else a line for each call of a store
    made = build(os.environ)
    log("started", destinations=", ".join(to.name for to in made.courier.destinations))
    return made


def build(environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> App:
    """Connect all parts by the settings in `environ`. Raises SettingsError."""
    settings = parse(environ)
    store = storage(environ)
    to = at_least_one(settings.destinations)
    queues = {name: Queue(store.queue(name)) for name in names.QUEUES}
    tables = {name: Table(store.table(name)) for name in names.TABLES}
    alerts = AlertQueue(queues[names.ALERTS], queues[names.ALERTS_POISON], MOST_CHARACTERS)
    ledger = RowLedger(TableRows(tables[names.DELIVERIES], "delivery"), clock)
    state = tables[names.STATE]
    memory = RowMemory(TableRows(state, "memory"), clock, KEPT_SECONDS)
    states = RowMemory(TableRows(state, KIND_OF_STATES), clock, settings.memory_days * DAY)
    inventory = Inventory(TableRows(state, "images"), clock)
    hand_over = _hand_over(AlertSender(to, queues[names.ALERTS], MOST_CHARACTERS, clock))
    cloud = AZURE.partition_of_management(settings.azure.resource_manager)
    watching = watched(settings.azure.registries, settings.azure.feeds, settings.azure.app, cloud)
    detector = Detector(
        CATALOGUE,
        settings.tunings,
        settings.trust,
        Counter(
            TableStore(tables[names.WINDOWS]),
            clock,
            cache=SightingCache(),
            retention_seconds=RETENTION_SECONDS,
        ),
        hand_over,
        memory=memory,
        states=states,
        acquaintances=Acquaintances(
            RowAcquaintances(TableRows(tables[names.WINDOWS], KIND), clock, settings.memory_days),
            memory_days=settings.memory_days,
            learning_days=settings.learning_days,
        ),
        completed=completed(watching, inventory),
        changes=LiveChanges(
            TableRows(tables[names.WINDOWS], SETTINGS_KIND),
            clock,
            RETENTION_SECONDS,
            settings.version,
        ),
    )
    arm, raise_alert = _arm(settings, environ), _raise_alert(detector, watching)
    dead_letters = tuple(queues[name] for name in names.DEAD_LETTERS)
    arrivals = Arrivals(
        TableRows(state, KIND_OF_ARRIVALS),
        clock,
        frozenset(each.lower() for each in settings.azure.registries),
    )
    rows = TableRows(state, "check")
    self_check = _self_check(settings, arm, dead_letters, rows, arrivals, raise_alert, clock)
    watcher = Watcher(
        detector,
        watching,
        StateWatch(scan_state.question(arm), TableRows(state, "scanning"), raise_alert, clock),
        StateWatch(
            log_state.question(arm, settings.azure.log_destination),
            TableRows(state, "logs"),
            raise_alert,
            clock,
        ),
        StateWatch(exposure_state.question(arm), TableRows(state, "exposure"), raise_alert, clock),
        RegistryApi(_session(), token_for(_registry_scope(settings), _client_id(environ))),
        inventory,
        UnwatchedRegistries(TableRows(state, "images"), raise_alert, clock),
        memory,
        queues[names.RECHECKS],
        self_check.run,
        arm.begin_look,
    )
    return App(
        intake=Intake(watcher.handle, Parking(queues[names.PARKED]), arrivals, clock),
        watcher=watcher,
        self_check=self_check,
        courier=Courier(
            to,
            ledger,
            alerts,
            SecretStore(),
            clock,
            give_up_seconds=settings.give_up_seconds,
        ),
        dead_letters=dead_letters,
        dead_letter_watch=DeadLetterWatch(TableRows(state, "deadletters"), clock),
        triggers_queues=tuple(queues[name] for name in names.TRIGGERS_QUEUES),
        stuck_watch=StuckWatch(TableRows(state, "stuck"), clock),
        tables=tuple(tables.values()),
        clock=clock,
    )


def _hand_over(send: AlertSender) -> HandOver:
    """A function that puts an alert on the alert queue, once for each destination, and logs it."""

    def hand_over(alert: Alert) -> None:
        log(
            "alert",
            alert=alert.id,
            rule=alert.rule,
            severity=alert.severity.value,
            destinations=send(alert),
        )

    return hand_over


def _self_check(
    settings: Settings,
    arm: Arm,
    dead_letters: tuple[Queue, ...],
    rows: Rows,
    arrivals: Arrivals,
    raise_alert: Callable[[RegistryEvent], None],
    clock: Callable[[], float],
) -> SelfCheck:
    azure = settings.azure
    deployment = Deployment(
        azure.registries, azure.feeds, azure.log_destination, azure.app, azure.principal
    )
    place = Place("azure", deployment.subscription, None)
    return SelfCheck(
        lambda: check(deployment, arm, dead_letters, clock),
        Transitions(rows, place, raise_alert, clock),
        lambda silent: arrivals.report(raise_alert, all_silent=silent),
        settings.heartbeat_url,
        clock,
    )


def _session() -> "requests.Session":
    import requests  # with the first event: the worker starts a sixth sooner without it

    return requests.Session()


def _arm(settings: Settings, environ: Mapping[str, str]) -> Arm:
    address = settings.azure.resource_manager
    scope = f"{address.rstrip('/')}/.default"
    return Arm(_session(), token_for(scope, _client_id(environ)), address)


def _registry_scope(settings: Settings) -> str:
    address = settings.azure.resource_manager
    if AZURE.partition_of_management(address) is AZURE.partitions[0]:
        return _REGISTRY_SCOPE
    return f"{address.rstrip('/')}/.default"


def _raise_alert(detector: Detector, watching: Watched) -> Callable[[RegistryEvent], None]:
    """A function that raises the alerts of one event, or StoreError."""
    return lambda event: detector.detect_one(watching.in_this_cloud(event))


def _client_id(environ: Mapping[str, str]) -> str | None:
    return environ.get("AZURE_CLIENT_ID")
