"""Changes of what brings a registry's events to registrywatch, and of registrywatch itself."""

from typing import Literal

import msgspec

Monitored = Literal[
    "diagnostic setting",
    "event subscription",
    "system topic",
    "log export",
    "event hub",
    "event hub namespace",
    "event hub settings",
    "access rule",
    "access key",
    "function app",
    "function",
    "storage account",
    "key vault",
    "action group",
    "alert rule",
    "log store",
    "lock",
    "role assignment",
    "identity",
    "resource group",
]
"""What registrywatch needs on Azure, by the words that alerts use."""

How = Literal["deleted", "changed", "stopped"]
Effect = Literal["deleted", "stopped", "narrowed", "changed"]


class MonitoringRemoved(msgspec.Struct, frozen=True):
    """Azure: something that registrywatch needs was deleted, stopped or changed.

    `resource` is its id, lower case; for a "log export" that ended, whatever setting ended it, the
    registry's id. The caller decides whether this deployment needs the resource.
    """

    kind: Monitored
    resource: str
    how: How = "deleted"


class MonitoringChanged(msgspec.Struct, frozen=True):
    """AWS: a part of what brings or handles events was deleted, stopped, narrowed or changed.

    `service` is the event source without its domain ("cloudtrail", "events", "lambda", "sqs", …),
    `action` the API's name of the call without a date ("UpdateFunctionCode"). `names` are the names
    of the resources in the request or response, without the rest of an ARN or URL. `effect`:

    - "deleted": it is gone, or emptied (a queue purged, a rule's targets removed)
    - "stopped": it exists and does nothing (a trail or rule stopped, a function throttled to 0)
    - "narrowed": it sees less than everything (a trail without read-only management events)
    - "changed": any other change; the event does not show what it does now

    `omitted`: CloudTrail withheld the request, and with it the names.

    `by_deployment`: CloudFormation or CodeDeploy made the call on behalf of the actor. `shared`:
    others depend on it too, as on a trail, so it matters whatever its name is.
    """

    service: str
    action: str
    names: tuple[str, ...]
    effect: Effect
    by_deployment: bool = False
    omitted: bool = False
    shared: bool = False


class CheckChanged(msgspec.Struct, frozen=True):
    """The self-check found a part of the deployment worse than before, or right again.

    `item` names the part, `found` says what was found, `fix` what to do. `minor`: nothing is lost
    yet. `recovered`: it was wrong before and is right now; then `fix` is empty, and `minor` says
    how wrong it was. `began` is the key of the event that reported it as wrong.
    """

    item: str
    found: str
    fix: str
    minor: bool = False
    recovered: bool = False
    began: str = ""
