"""What the docs may use of Azure's command lines, by the reference pages of Microsoft.

Nothing of `az`, `azd` and `func` runs here, so a command or option that is not in this table fails
a test until somebody has looked it up.
"""

_GLOBAL = frozenset({"--query", "--output", "--subscription"})
_BY_NAME = frozenset({"--name", "--resource-group"})
_STORAGE = frozenset({"--auth-mode", "--account-name"})

_AZ = {
    "account show": (),
    "acr build": _BY_NAME,
    "acr update": _BY_NAME,
    "deployment sub create": ("--name", "--location", "--template-file", "--parameters"),
    "deployment sub show": ("--name",),
    "eventgrid system-topic delete": (*_BY_NAME, "--yes"),
    "functionapp list-flexconsumption-locations": (),
    "functionapp restart": _BY_NAME,
    "functionapp show": _BY_NAME,
    "group delete": ("--name", "--yes"),
    "lock delete": _BY_NAME,
    "login": (),
    "monitor activity-log list": ("--offset", "--max-events"),
    "monitor app-insights query": ("--app", "--resource-group", "--analytics-query", "--offset"),
    "monitor diagnostic-settings delete": ("--name", "--resource"),
    "monitor diagnostic-settings subscription delete": ("--name", "--yes"),
    "monitor log-analytics query": ("--workspace", "--analytics-query"),
    "monitor metrics list": ("--resource", "--metric"),
    "provider register": ("--namespace", "--wait"),
    "rest": ("--method", "--url", "--body"),
    "role definition delete": ("--name", "--custom-role-only"),
    "storage blob download-batch": (*_STORAGE, "--source", "--destination"),
    "storage entity query": (*_STORAGE, "--table-name"),
    "storage message clear": (*_STORAGE, "--queue-name"),
    "storage message peek": (*_STORAGE, "--queue-name", "--num-messages"),
}

_OTHERS = {
    "azd down": ("--purge", "--force"),
    "azd env new": (),
    "azd env set": (),
    "azd up": (),
    "func azure functionapp publish": ("--python", "--build"),
    "func start": (),
}

AZURE: dict[str, frozenset[str]] = {
    **{f"az {name}": frozenset(options) | _GLOBAL for name, options in _AZ.items()},
    **{name: frozenset(options) for name, options in _OTHERS.items()},
}
"""The options of each command."""
