"""What a deployment sets for its functions: template.yaml and infra/azure set it, people don't."""

import msgspec

from registrywatch import readers
from registrywatch.errors import SettingsError
from registrywatch.settings.values import Values
from registrywatch.variables import Variable, optional, setting

TABLE = optional(
    "REGISTRYWATCH_TABLE",
    "deployment",
    "the table of windows and deliveries on AWS; set by template.yaml",
    readers.anything,
)
DEAD_LETTER_QUEUE = optional(
    "REGISTRYWATCH_DEAD_LETTER_QUEUE",
    "deployment",
    "the dead-letter queue: where a function puts what no further retry would help; set by "
    "template.yaml, read by `redeliver` too",
    readers.anything,
)
ALERT_QUEUE = optional(
    "REGISTRYWATCH_ALERT_QUEUE",
    "deployment",
    "the URL of the alert queue on AWS; set by template.yaml, read by `redeliver` too",
    readers.anything,
)
REGISTRIES = setting(
    "REGISTRYWATCH_AZURE_REGISTRIES",
    "deployment",
    "resource ids of the watched registries on Azure; set by infra/azure",
    readers.registry_ids,
    "",
)
FEEDS = setting(
    "REGISTRYWATCH_AZURE_FEEDS",
    "deployment",
    "resource ids of what brings their events, such as system topics; set by infra/azure",
    readers.resource_ids,
    "",
)
LOG_DESTINATION = optional(
    "REGISTRYWATCH_AZURE_LOG_DESTINATION",
    "deployment",
    "resource id of the Event Hub namespace that receives their logs; set by infra/azure",
    readers.anything,
)
APP = optional(
    "REGISTRYWATCH_AZURE_APP",
    "deployment",
    "resource id of the function app; set by infra/azure, read by the self-check",
    readers.anything,
)
PRINCIPAL = optional(
    "REGISTRYWATCH_AZURE_PRINCIPAL",
    "deployment",
    "object id of the function app's identity; set by infra/azure, read by the self-check",
    readers.anything,
)
HEARTBEAT_URL = optional(
    "REGISTRYWATCH_HEARTBEAT_URL",
    "deployment",
    "an address that gets a POST after each self-check that found nothing wrong: a dead man's "
    "switch outside of the account; itself, or where it is kept, as with a destination's secret",
    readers.address,
    secret=True,
)
VERSION = setting(
    "REGISTRYWATCH_SETTINGS_VERSION",
    "deployment",
    "any text. Where it differs from before, ways of counting that were left less than an hour ago "
    "are taken up again at once; on AWS the parameter `SettingsVersion`",
    readers.anything,
    "1",
)
RESOURCE_MANAGER = setting(
    "REGISTRYWATCH_AZURE_RESOURCE_MANAGER",
    "deployment",
    "the address of Azure Resource Manager; set by infra/azure",
    readers.address,
    "https://management.azure.com/",
)

DEPLOYMENT = (
    TABLE,
    DEAD_LETTER_QUEUE,
    ALERT_QUEUE,
    REGISTRIES,
    FEEDS,
    LOG_DESTINATION,
    APP,
    PRINCIPAL,
    RESOURCE_MANAGER,
    HEARTBEAT_URL,
    VERSION,
)


class AwsSettings(msgspec.Struct, frozen=True):
    """A deployment on AWS: the table's name and the queues' URLs; None if not set."""

    table: str | None
    alert_queue: str | None
    dead_letter_queue: str | None


class AzureSettings(msgspec.Struct, frozen=True):
    """A deployment on Azure: resource ids, but for the address of Resource Manager.

    `principal` is the object id of the function app's identity.
    """

    registries: tuple[str, ...]
    feeds: tuple[str, ...]
    log_destination: str | None
    app: str | None
    principal: str | None
    resource_manager: str


def aws(values: Values) -> AwsSettings:
    """The names that template.yaml gives."""
    return AwsSettings(
        table=values[TABLE],
        alert_queue=values[ALERT_QUEUE],
        dead_letter_queue=values[DEAD_LETTER_QUEUE],
    )


def azure(values: Values) -> AzureSettings:
    """The names that infra/azure gives."""
    return AzureSettings(
        registries=values[REGISTRIES],
        feeds=values[FEEDS],
        log_destination=values[LOG_DESTINATION],
        app=values[APP],
        principal=values[PRINCIPAL],
        resource_manager=values[RESOURCE_MANAGER],
    )


def required[T](value: T | None, variable: Variable[T | None]) -> T:
    """The value of an optional setting that the caller needs. Raises SettingsError if not set."""
    if value is None:
        raise SettingsError(f"{variable.name} is not set: {variable.meaning}")
    return value
