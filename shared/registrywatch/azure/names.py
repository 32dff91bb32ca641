"""The names that the functions and infra/azure share; a test holds the two together."""

ALERTS = "alerts"
ALERTS_POISON = "alerts-poison"
RECHECKS = "rechecks"
RECHECKS_POISON = "rechecks-poison"
PARKED = "parked"
QUEUES = (ALERTS, ALERTS_POISON, RECHECKS, RECHECKS_POISON, PARKED)
# What lies in one of these waits for a person. `<queue>-poison` is the Functions host's own naming.
DEAD_LETTERS = (ALERTS_POISON, RECHECKS_POISON, PARKED)

WINDOWS = "windows"
STATE = "state"
DELIVERIES = "deliveries"
TABLES = (WINDOWS, STATE, DELIVERIES)

EVENT_HUB = "registry-logs"
CONSUMER_GROUP = "$Default"

# Prefixes of the settings that tell a binding where to connect and as whom.
STORAGE_CONNECTION = "AzureWebJobsStorage"
EVENT_HUB_CONNECTION = "EventHub"

# What the functions ask Azure for, and so the only rights of the two custom roles.
PLAN_ACTIONS = ("Microsoft.Security/pricings/read",)
REGISTRY_ACTIONS = (
    "Microsoft.Insights/diagnosticSettings/read",
    "Microsoft.ContainerRegistry/registries/metadata/read",
)
REGISTRY_DATA_ACTIONS = ("Microsoft.ContainerRegistry/registries/repositories/metadata/read",)
