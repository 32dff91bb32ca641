"""The names that the functions and infra/azure share; a test compares the two."""

ALERTS = "alerts"
ALERTS_POISON = "alerts-poison"
RECHECKS = "rechecks"
RECHECKS_POISON = "rechecks-poison"
PARKED = "parked"
QUEUES = (ALERTS, ALERTS_POISON, RECHECKS, RECHECKS_POISON, PARKED)
TRIGGERS_QUEUES = (ALERTS, RECHECKS)  # functions take from these
# A message in one of these waits for a person. `<queue>-poison` is the Functions host's own naming.
DEAD_LETTERS = (ALERTS_POISON, RECHECKS_POISON, PARKED)

WINDOWS = "windows"
STATE = "state"
DELIVERIES = "deliveries"
TABLES = (WINDOWS, STATE, DELIVERIES)

EVENT_HUB = "registry-logs"
ALARM_HUB = "own-alarms"
SENDER_RULE = "diagnostic-settings"
CONSUMER_GROUP = "$Default"

# Prefixes of the settings that say where a binding connects, and with which identity.
STORAGE_CONNECTION = "AzureWebJobsStorage"
EVENT_HUB_CONNECTION = "EventHub"

# The functions of function_app.py; the self-check finds one that is disabled or missing.
FUNCTIONS = (
    "event_grid",
    "event_hub",
    "own_alarms",
    "deliver",
    "recheck",
    "housekeeping",
    "ask_state",
    "sweep",
    "self_check",
)

# Built-in roles of the function app's identity, each on a resource of its own resource group.
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "a638d3c7-ab3a-418d-83e6-5f17a39d4fde": "Azure Event Hubs Data Receiver",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}

# What the functions read from Azure, and so the only rights of the three custom roles: at the
# subscription, in the deployment's resource group, at a registry.
PLAN_ACTIONS = (
    "Microsoft.Security/pricings/read",
    "Microsoft.Insights/diagnosticSettings/read",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions/read",
)
GROUP_ACTIONS = (
    "Microsoft.Web/sites/read",
    "Microsoft.Web/sites/functions/read",
    "Microsoft.EventHub/namespaces/read",
    "Microsoft.EventHub/namespaces/eventhubs/read",
    "Microsoft.EventHub/namespaces/authorizationRules/read",
    "Microsoft.Insights/actionGroups/read",
    "Microsoft.Insights/metrics/read",
    "Microsoft.Insights/scheduledQueryRules/read",
    "Microsoft.Authorization/roleAssignments/read",
)
REGISTRY_ACTIONS = (
    "Microsoft.Insights/diagnosticSettings/read",
    "Microsoft.ContainerRegistry/registries/read",
    "Microsoft.ContainerRegistry/registries/metadata/read",
)
REGISTRY_DATA_ACTIONS = ("Microsoft.ContainerRegistry/registries/repositories/metadata/read",)
