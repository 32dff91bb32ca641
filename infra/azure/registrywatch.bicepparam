// Copy, fill in, keep: every later deployment reads it again. Secrets come from the shell's environment
// and go to Key Vault; they are written nowhere else, and needed only to set or change them.
using './main.bicep'

param registries = [
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-group/providers/Microsoft.ContainerRegistry/registries/myregistry'
]
param operatorEmail = 'platform-team@example.com'

// Where alerts go. Whatever is named here stays set in every later deployment.
param destinations = ['slack']

param slackWebhookUrl = readEnvironmentVariable('SLACK_WEBHOOK_URL', '')
param pagerdutyRoutingKey = readEnvironmentVariable('PAGERDUTY_ROUTING_KEY', '')
param teamsWebhookUrl = readEnvironmentVariable('TEAMS_WEBHOOK_URL', '')
param googleChatWebhookUrl = readEnvironmentVariable('GOOGLE_CHAT_WEBHOOK_URL', '')
param discordWebhookUrl = readEnvironmentVariable('DISCORD_WEBHOOK_URL', '')
param webhookUrl = readEnvironmentVariable('WEBHOOK_URL', '')
param webhookSecret = readEnvironmentVariable('WEBHOOK_SECRET', '')
param webhookHeaders = readEnvironmentVariable('WEBHOOK_HEADERS', '')

// Any setting of docs/settings.md, for example a threshold:
param settings = {
  // REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD: '200'
}
