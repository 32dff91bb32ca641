"""Whether the function app runs with all its functions and rights.

Sources: the Web Apps API 2024-04-01, the Role Assignments API 2022-04-01.
"""

from collections.abc import Iterator

from registrywatch.azure import names
from registrywatch.azure.answers import elements, properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.check.feeds import DEPLOY
from registrywatch.checks import Item, right, unknown, wrong
from registrywatch.errors import StateUnknown

WEB = "2024-04-01"
ASSIGNMENTS = "2022-04-01"


def app(arm: Arm, app_id: str) -> Item:
    """Whether the app exists and runs. Raises StateUnknown."""
    found = arm.get(app_id, WEB)
    if found is None:
        return wrong("function app", "the function app is gone", DEPLOY)
    state = properties(found).get("state")
    if str(state).lower() != "running":
        return wrong(
            "function app", f"its state is {state}", f"az functionapp start --ids {app_id}"
        )
    return right("function app", "running")


def functions(arm: Arm, app_id: str) -> Iterator[Item]:
    """An item for each function: published, and not disabled."""
    try:
        found = arm.get(f"{app_id}/functions", WEB)
    except StateUnknown as why:
        yield from (unknown(f"function {name}", why) for name in names.FUNCTIONS)
        return
    there = {str(each.get("name")).rpartition("/")[2]: properties(each) for each in elements(found)}
    app_name = app_id.rpartition("/")[2]
    for name in names.FUNCTIONS:
        item = f"function {name}"
        if name not in there:
            publish = f"func azure functionapp publish {app_name} --python"
            yield wrong(item, "the function is not published", publish)
        elif there[name].get("isDisabled"):
            fix = (
                f"az functionapp config appsettings delete --ids {app_id} "
                f"--setting-names AzureWebJobs.{name}.Disabled"
            )
            yield wrong(item, "the function is disabled", fix)
        else:
            yield right(item, "published and enabled")


def rights(arm: Arm, app_id: str, principal: str) -> Item:
    """Whether the identity has its roles in the resource group. Raises StateUnknown."""
    group = app_id.lower().partition("/providers/")[0]
    found = arm.get(
        f"{group}/providers/Microsoft.Authorization/roleAssignments",
        ASSIGNMENTS,
        _filter=f"principalId eq '{principal}'",
    )
    given = {
        str(properties(each).get("roleDefinitionId")).rpartition("/")[2].lower()
        for each in elements(found)
    }
    missing = sorted(name for role, name in names.ROLES.items() if role not in given)
    if missing:
        return wrong("rights", f"the identity lacks {', '.join(missing)}", DEPLOY)
    return right("rights", f"the identity has its {len(names.ROLES)} roles")
