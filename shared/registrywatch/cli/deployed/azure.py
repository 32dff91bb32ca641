"""A deployment on Azure, reached with the shell's credentials by the name of its resource group.

An event is sent to the event hub, where the Activity Log's own arrive: "Send event" of the Event
Hubs service REST API (learn.microsoft.com/rest/api/eventhub/send-event).
"""

import argparse
import json
import os
import time
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

import requests

from registrywatch.azure import names
from registrywatch.azure.answers import elements
from registrywatch.azure.arm import Arm
from registrywatch.azure.check import Deployment as CheckedParts
from registrywatch.azure.check import check
from registrywatch.azure.check.app import WEB
from registrywatch.azure.clients import storage, token_for
from registrywatch.azure.queue import Queue
from registrywatch.azure.table import Table, TableRows
from registrywatch.checks import Item
from registrywatch.checks.arrivals import KIND, Arrivals
from registrywatch.cli.deployed.deployment import WHO, Deployment
from registrywatch.delivery.ledger import RowLedger
from registrywatch.errors import SettingsError, StateUnknown, StoreError
from registrywatch.rules.acr_monitoring_removed import ACR_MONITORING_REMOVED
from registrywatch.settings import Settings, parse
from registrywatch.settings.deployment import APP, RESOURCE_MANAGER, required
from registrywatch.times import rfc3339

PATIENCE_SECONDS = 300.0
"""An app that scaled down to nothing starts first, which takes a minute or two."""

_SUBSCRIPTIONS = "2022-12-01"
_GROUPS = "2021-04-01"
_HUB_SCOPE = "https://eventhubs.azure.net/.default"
_HUB_ADDRESS = f"{names.EVENT_HUB_CONNECTION}__fullyQualifiedNamespace"
_OWN_IDENTITY = ("AZURE_CLIENT_ID", f"{names.STORAGE_CONNECTION}__clientId")
_ENTRY = "application/atom+xml;type=entry;charset=utf-8"  # what the service's page asks for
_TIMEOUT = (5.0, 65.0)


def deployment(arguments: argparse.Namespace) -> Deployment:
    """See `CloudModule`."""
    return deployed(environment(arguments.resource_group, arguments.subscription))


def items(arguments: argparse.Namespace) -> tuple[Item, ...]:
    """See `CloudModule`."""
    environ = environment(arguments.resource_group, arguments.subscription)
    azure = parse(environ).azure
    if not azure.registries:
        raise SettingsError(
            "REGISTRYWATCH_AZURE_REGISTRIES is not set: name the deployment's --resource-group"
        )
    parts = CheckedParts(
        azure.registries, azure.feeds, azure.log_destination, azure.app, azure.principal
    )
    arm = arm_of(azure.resource_manager)
    try:
        store = storage(environ)
    except SettingsError:  # what it holds is looked at where the environment names it
        return check(parts, arm, (), time.time)
    queues = tuple(Queue(store.queue(name)) for name in names.DEAD_LETTERS)
    return check(parts, arm, queues, time.time) + arrivals(environ)


def arm_of(address: str) -> Arm:
    """Resource Manager, by the identity of the shell."""
    token = token_for(f"{address.rstrip('/')}/.default", None)
    return Arm(requests.Session(), token, address)


def environment(group: str | None, subscription: str | None) -> Mapping[str, str]:
    """What the app of a resource group has in its environment; without a group, this process's.

    Raises StateUnknown, SettingsError. The app's own identity is left out: the shell's counts.
    """
    if group is None:
        return os.environ
    address = parse_address(os.environ)
    arm = arm_of(address)
    where = f"/subscriptions/{_subscription(arm, group, subscription)}/resourceGroups/{group}"
    found = arm.get(f"{where}/providers/Microsoft.Web/sites", WEB)
    for site in elements(found):
        listed = arm.post(f"{site.get('id')}/config/appsettings/list", WEB) or {}
        settings: dict[str, str] = listed.get("properties") or {}
        if APP.name in settings:
            return {name: text for name, text in settings.items() if name not in _OWN_IDENTITY}
    raise SettingsError(f"the resource group {group} has no function app of registrywatch")


def parse_address(environ: Mapping[str, str]) -> str:
    """The address of Resource Manager in the environment, else Azure's own."""
    return parse(
        {name: text for name, text in environ.items() if name == RESOURCE_MANAGER.name}
    ).azure.resource_manager


def _subscription(arm: Arm, group: str, given: str | None) -> str:
    """The id of the subscription that has the group."""
    if known := given or os.environ.get("AZURE_SUBSCRIPTION_ID"):
        return known
    have = [
        str(each.get("subscriptionId"))
        for each in elements(arm.get("/subscriptions", _SUBSCRIPTIONS))
        if _has(arm, str(each.get("subscriptionId")), group)
    ]
    if len(have) != 1:
        found = f"{len(have)} subscriptions have" if have else "no subscription of yours has"
        raise SettingsError(f"{found} a resource group {group}: name the one by --subscription")
    return have[0]


def _has(arm: Arm, subscription: str, group: str) -> bool:
    try:
        return arm.get(f"/subscriptions/{subscription}/resourcegroups/{group}", _GROUPS) is not None
    except StateUnknown:  # one that may not be read is not the one that was deployed to
        return False


def deployed(environ: Mapping[str, str]) -> Deployment:
    """The deployment whose app has that environment. Raises SettingsError."""
    settings = parse(environ)
    store = storage({each: text for each, text in environ.items() if each not in _OWN_IDENTITY})
    return Deployment(
        settings=settings,
        ledger=RowLedger(TableRows(Table(store.table(names.DELIVERIES)), "delivery")),
        queue=Queue(store.queue(names.ALERTS)),
        dead_letters=Queue(store.queue(names.ALERTS_POISON)),
        rule=ACR_MONITORING_REMOVED,
        marked=partial(_marked, settings),
        give=partial(_send, environ.get(_HUB_ADDRESS)),
        patience=PATIENCE_SECONDS,
        logs="Look at the function app's log: the functions event_hub and deliver.",
    )


def arrivals(environ: Mapping[str, str]) -> tuple[Item, ...]:
    """The items on the watched registries. Raises SettingsError."""
    registries = parse(environ).azure.registries
    rows = TableRows(Table(storage(environ).table(names.STATE)), KIND)
    return tuple(Arrivals(rows, time.time, frozenset(map(str.lower, registries))).items())


def _marked(settings: Settings, now: float) -> bytes:
    """What the Activity Log would say of a removed action group that no deployment has."""
    group = required(settings.azure.app, APP).partition("/providers/")[0]
    record: dict[str, Any] = {
        "time": rfc3339(int(now)),
        "resourceId": f"{group}/providers/Microsoft.Insights/actionGroups/send-test".upper(),
        "operationName": "MICROSOFT.INSIGHTS/ACTIONGROUPS/DELETE",
        "category": "Administrative",
        "resultType": "Success",
        "correlationId": str(uuid.uuid4()),
        "identity": {"claims": {"name": WHO}},
    }
    return json.dumps({"records": [record]}).encode()


def _send(namespace: str | None, event: bytes) -> None:
    """Send one message to the deployment's event hub."""
    if not namespace:
        raise SettingsError(f"{_HUB_ADDRESS} is not set: name the deployment's --resource-group")
    url = f"https://{namespace}/{names.EVENT_HUB}/messages"
    headers = {"Authorization": f"Bearer {token_for(_HUB_SCOPE, None)()}", "Content-Type": _ENTRY}
    what = f"event hub {names.EVENT_HUB}"
    try:
        answer = requests.post(
            url,
            data=event,
            params={"timeout": "60", "api-version": "2014-01"},
            headers=headers,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise StoreError(f"{what}: no answer ({type(error).__name__})") from error
    if answer.status_code in (401, 403):
        role = "sending needs the role Azure Event Hubs Data Sender"
        raise StoreError(f"{what}: HTTP {answer.status_code}: {role}")
    if answer.status_code != 201:
        raise StoreError(f"{what}: HTTP {answer.status_code}")
