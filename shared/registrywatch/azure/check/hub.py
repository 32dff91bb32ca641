"""Whether the event hub accepts what diagnostic settings send: no error shows if it does not.

Sources: the Event Hubs API 2024-01-01: Namespaces, Event Hubs, Authorization Rules.
"""

from registrywatch.azure import names
from registrywatch.azure.answers import properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.check.feeds import DEPLOY
from registrywatch.checks import Item, right, wrong

EVENT_HUBS = "2024-01-01"
ITEM = "event hub"
_RIGHTS = {"Listen", "Manage", "Send"}
"""Azure Monitor requires all three for the rule with which it sends."""


def event_hub(arm: Arm, namespace: str) -> Item:
    """Whether namespace, hubs and rule exist and are open to Azure Monitor. Raises StateUnknown."""
    found = arm.get(namespace, EVENT_HUBS)
    if found is None:
        return wrong(ITEM, "the namespace is gone", DEPLOY)
    if properties(found).get("disableLocalAuth") is True:
        fix = f"az eventhubs namespace update --ids {namespace} --disable-local-auth false"
        return wrong(ITEM, "it refuses keys, but Azure Monitor sends with a key", fix)
    if str(properties(found).get("publicNetworkAccess")).lower() == "disabled":
        fix = f"az eventhubs namespace update --ids {namespace} --public-network-access Enabled"
        return wrong(ITEM, "its network is closed", fix)
    for name in (names.EVENT_HUB, names.ALARM_HUB):
        hub = arm.get(f"{namespace}/eventhubs/{name}", EVENT_HUBS)
        if hub is None:
            return wrong(ITEM, f"there is no hub {name}", DEPLOY)
        if (status := properties(hub).get("status", "Active")) != "Active":
            return wrong(ITEM, f"the status of the hub {name} is {status}", DEPLOY)
    rule = arm.get(f"{namespace}/authorizationRules/{names.SENDER_RULE}", EVENT_HUBS)
    if rule is None:
        return wrong(ITEM, f"there is no rule {names.SENDER_RULE} to send with", DEPLOY)
    given = properties(rule).get("rights")
    if not isinstance(given, list) or not {str(each) for each in given} >= _RIGHTS:
        return wrong(ITEM, f"the rule {names.SENDER_RULE} lacks rights to send", DEPLOY)
    return right(ITEM, "it accepts what diagnostic settings send")
