// The destinations' secrets in a vault, and the app settings that refer to them. The platform
// resolves the references with the app's identity; no setting holds a secret.
param location string

@minLength(3)
@maxLength(24)
param vaultName string
param appPrincipalId string

@description('Brings back the vault that a removed deployment of the same name has left (90 days).')
param recoverVault bool

@description('The destinations that are set, whether or not their secrets are given this time.')
param destinations array

@secure()
param slackWebhookUrl string

@secure()
param pagerdutyRoutingKey string

@secure()
param teamsWebhookUrl string

@secure()
param googleChatWebhookUrl string

@secure()
param discordWebhookUrl string

@secure()
param webhookUrl string

@secure()
param webhookSecret string

@secure()
param webhookHeaders string

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var reference = '@Microsoft.KeyVault(VaultName=${vaultName};SecretName='

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  // checkov:skip=CKV_AZURE_109: the function app has no virtual network; every call needs an Entra token
  // checkov:skip=CKV_AZURE_189: as above
  name: vaultName
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    createMode: recoverVault ? 'recover' : 'default'
  }
}

resource slack 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(slackWebhookUrl)) {
  // checkov:skip=CKV_AZURE_41: a webhook does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'slack-webhook-url'
  properties: {
    value: slackWebhookUrl
    contentType: 'text/plain'
  }
}

resource pagerduty 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(pagerdutyRoutingKey)) {
  // checkov:skip=CKV_AZURE_41: a routing key does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'pagerduty-routing-key'
  properties: {
    value: pagerdutyRoutingKey
    contentType: 'text/plain'
  }
}

resource teams 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(teamsWebhookUrl)) {
  // checkov:skip=CKV_AZURE_41: a webhook does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'teams-webhook-url'
  properties: {
    value: teamsWebhookUrl
    contentType: 'text/plain'
  }
}

resource googleChat 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(googleChatWebhookUrl)) {
  // checkov:skip=CKV_AZURE_41: a webhook does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'google-chat-webhook-url'
  properties: {
    value: googleChatWebhookUrl
    contentType: 'text/plain'
  }
}

resource discord 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(discordWebhookUrl)) {
  // checkov:skip=CKV_AZURE_41: a webhook does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'discord-webhook-url'
  properties: {
    value: discordWebhookUrl
    contentType: 'text/plain'
  }
}

resource webhook 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(webhookUrl)) {
  // checkov:skip=CKV_AZURE_41: a webhook does not expire by a date
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'webhook-url'
  properties: {
    value: webhookUrl
    contentType: 'text/plain'
  }
}

resource webhookKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(webhookSecret)) {
  // checkov:skip=CKV_AZURE_41: changed by hand, at both ends
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'webhook-secret'
  properties: {
    value: webhookSecret
    contentType: 'text/plain'
  }
}

resource webhookFurtherHeaders 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(webhookHeaders)) {
  // checkov:skip=CKV_AZURE_41: changed by hand, at both ends
  // checkov:skip=CKV_AZURE_114: contentType is set; the check looks for another spelling
  parent: vault
  name: 'webhook-headers'
  properties: {
    value: webhookHeaders
    contentType: 'text/plain'
  }
}

resource appReadsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appPrincipalId, keyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

output vaultName string = vault.name

// A setting refers to the secret as long as its destination is named, so that a deployment without
// the secrets at hand switches nothing off. The output shows which secrets exist, never a secret.
#disable-next-line outputs-should-not-contain-secrets
output settings object = union(
  contains(destinations, 'slack') ? { REGISTRYWATCH_SLACK_WEBHOOK_URL: '${reference}slack-webhook-url)' } : {},
  contains(destinations, 'pagerduty') ? { REGISTRYWATCH_PAGERDUTY_ROUTING_KEY: '${reference}pagerduty-routing-key)' } : {},
  contains(destinations, 'teams') ? { REGISTRYWATCH_TEAMS_WEBHOOK_URL: '${reference}teams-webhook-url)' } : {},
  contains(destinations, 'google-chat') ? { REGISTRYWATCH_GOOGLE_CHAT_WEBHOOK_URL: '${reference}google-chat-webhook-url)' } : {},
  contains(destinations, 'discord') ? { REGISTRYWATCH_DISCORD_WEBHOOK_URL: '${reference}discord-webhook-url)' } : {},
  contains(destinations, 'webhook') ? { REGISTRYWATCH_WEBHOOK_URL: '${reference}webhook-url)' } : {},
  contains(destinations, 'webhook-secret') ? { REGISTRYWATCH_WEBHOOK_SECRET: '${reference}webhook-secret)' } : {},
  contains(destinations, 'webhook-headers') ? { REGISTRYWATCH_WEBHOOK_HEADERS: '${reference}webhook-headers)' } : {}
)
