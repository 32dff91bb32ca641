// The parameters as `azd` gives them: `azd env set NAME value` keeps each in azd's environment, and a
// later `azd up` needs none of them again. Secrets may be unset after the first time.
using './main.bicep'

param name = readEnvironmentVariable('NAME', 'registrywatch')
param registries = split(readEnvironmentVariable('REGISTRIES'), ',')
param operatorEmail = readEnvironmentVariable('OPERATOR_EMAIL')
param destinations = split(readEnvironmentVariable('DESTINATIONS', 'slack'), ',')

param alarmsToDestinations = readEnvironmentVariable('ALARMS_TO_DESTINATIONS', 'true') == 'true'

// azure.yaml sets it once the functions are published: Event Grid subscribes functions that are there.
param subscribe = readEnvironmentVariable('SUBSCRIBE', 'false') == 'true'

param slackWebhookUrl = readEnvironmentVariable('SLACK_WEBHOOK_URL', '')
param pagerdutyRoutingKey = readEnvironmentVariable('PAGERDUTY_ROUTING_KEY', '')
param teamsWebhookUrl = readEnvironmentVariable('TEAMS_WEBHOOK_URL', '')
param googleChatWebhookUrl = readEnvironmentVariable('GOOGLE_CHAT_WEBHOOK_URL', '')
param discordWebhookUrl = readEnvironmentVariable('DISCORD_WEBHOOK_URL', '')
param webhookUrl = readEnvironmentVariable('WEBHOOK_URL', '')
param webhookSecret = readEnvironmentVariable('WEBHOOK_SECRET', '')
param webhookHeaders = readEnvironmentVariable('WEBHOOK_HEADERS', '')
