"""Changes of what brings a registry's events to those who watch it, and of the watchers."""

from typing import Literal

import msgspec


class MonitoringRemoved(msgspec.Struct, frozen=True):
    """Azure: something that registrywatch needs was deleted, stopped or changed.

    `resource` is its id, lower case; of a "log export" that ended, by whatever setting, the
    registry's. Whether it is something that this deployment needs, the caller decides.
    """

    kind: Literal[
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
    resource: str
    how: Literal["deleted", "changed", "stopped"] = "deleted"


class MonitoringChanged(msgspec.Struct, frozen=True):
    """AWS: a part of what brings or handles events was deleted, stopped, narrowed or changed.

    `service` is the event source without its domain ("cloudtrail", "events", "lambda", "sqs", …),
    `action` the API's name of the call without a date ("UpdateFunctionCode"). `names` are those of
    the resources in the request or response, without the ARN or URL around them. `effect`:

    - "deleted": it is gone, or emptied (a queue purged, a rule's targets removed)
    - "stopped": it exists and does nothing (a trail or rule stopped, a function throttled to 0)
    - "narrowed": it sees less than everything (a trail without read-only management events)
    - "changed": any other change; what it does now the event does not show

    `by_deployment`: CloudFormation or CodeDeploy made the call on behalf of the actor. `shared`: it
    concerns everyone who depends on it, whatever its name, as a trail does.
    """

    service: str
    action: str
    names: tuple[str, ...]
    effect: Literal["deleted", "stopped", "narrowed", "changed"]
    by_deployment: bool = False
    omitted: bool = False
    shared: bool = False


class CheckChanged(msgspec.Struct, frozen=True):
    """The self-check found a part of the deployment worse than before, or right again.

    `item` names the part, `found` says what is there, `fix` what to do. `minor`: nothing is lost
    by it yet. `recovered`: it was wrong before and is right now; `fix` is empty then, and `minor`
    says how it was wrong. `began` is the key of the event that said that it is wrong.
    """

    item: str
    found: str
    fix: str
    minor: bool = False
    recovered: bool = False
    began: str = ""
