"""Whether registrywatch's own failures are reported: its alert rules and their receivers.

Sources: the Scheduled Query Rules API 2022-06-15 and the Action Groups API 2023-01-01.
"""

from typing import Any

from registrywatch.azure.answers import elements, properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.check.feeds import DEPLOY
from registrywatch.checks import Item, right, wrong

ALERT_RULES = "2022-06-15"
ACTION_GROUPS = "2023-01-01"
ITEM = "alarms"


def alarms(arm: Arm, group: str) -> Item:
    """Whether the alert rules of a resource group are on and have a receiver.

    Raises StateUnknown.
    """
    listed = arm.get(f"{group}/providers/Microsoft.Insights/scheduledQueryRules", ALERT_RULES)
    rules = [*elements(listed)]
    if not rules:
        return wrong(ITEM, "there are no alert rules", DEPLOY)
    off = sorted(_name(each) for each in rules if properties(each).get("enabled") is False)
    if off:
        fix = f"az monitor scheduled-query update -g GROUP -n {off[0]} --disabled false"
        return wrong(ITEM, f"disabled: {', '.join(off)}", fix)
    groups = arm.get(f"{group}/providers/Microsoft.Insights/actionGroups", ACTION_GROUPS)
    if not any(_receives(each) for each in elements(groups)):
        fix = "az monitor action-group update -g GROUP -n NAME --add-action email me YOU@EXAMPLE"
        return wrong(ITEM, "no action group is on and has a receiver", fix, minor=True)
    return right(ITEM, f"{len(rules)} alert rules are on, and have a receiver")


def _receives(action_group: dict[str, Any]) -> bool:
    """Whether an action group is on and has a receiver of some kind."""
    found = properties(action_group)
    receivers = [value for name, value in found.items() if name.endswith("Receivers")]
    return found.get("enabled") is not False and any(receivers)


def _name(resource: dict[str, Any]) -> str:
    return str(resource.get("name"))
