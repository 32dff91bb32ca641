// registrywatch in one Azure subscription: the function app, what it reads and what it writes.
//
//   az deployment sub create --location westeurope --parameters infra/azure/my.bicepparam
//
// docs/azure.md walks through it; `azd up` does all of it. The event subscriptions need the functions
// to be there: deploy with `subscribe=false` first, publish the code, then deploy again without it.
targetScope = 'subscription'

@description('Region of everything, and of the watched registries: resource logs only reach an event hub in their own region.')
param location string = deployment().location

@description('Region of the function app: Flex Consumption with Python 3.13 is not in every region. By default the same.')
param appLocation string = location

@description('Name of the resource group, and the beginning of every other name.')
@minLength(3)
@maxLength(30)
param name string = 'registrywatch'

@description('Resource ids of the registries to watch, in this subscription and region.')
@minLength(1)
param registries array

@description('Who gets mail when registrywatch itself fails.')
param operatorEmail string

@description('Whether alarms about registrywatch itself go to the alert destinations too, beside the mail.')
param alarmsToDestinations bool = true

@description('Where alerts go. A destination stays as long as it is named here; its secret is only needed to set or change it.')
@allowed(['slack', 'pagerduty', 'teams', 'google-chat', 'discord', 'webhook', 'webhook-secret', 'webhook-headers'])
@minLength(1)
param destinations array

@description('Slack incoming webhook. Empty: the secret in the vault stays as it is.')
@secure()
param slackWebhookUrl string = ''

@description('PagerDuty Events API v2 routing key. Empty: the secret stays as it is.')
@secure()
param pagerdutyRoutingKey string = ''

@description('Teams Workflows webhook. Empty: the secret stays as it is.')
@secure()
param teamsWebhookUrl string = ''

@description('Google Chat webhook of a space. Empty: the secret stays as it is.')
@secure()
param googleChatWebhookUrl string = ''

@description('Discord webhook of a channel. Empty: the secret stays as it is.')
@secure()
param discordWebhookUrl string = ''

@description('Plain webhook. Empty: the secret stays as it is.')
@secure()
param webhookUrl string = ''

@description('Key of the plain webhook\'s signature. Empty: the secret stays as it is.')
@secure()
param webhookSecret string = ''

@description('Further headers for the plain webhook, such as a token: lines of `Name: value`, or a JSON object.')
@secure()
param webhookHeaders string = ''

@description('Further settings by variable name, for example { REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD: \'200\' }.')
param settings object = {}

@description('Whether to create the Event Grid subscriptions. They need the published functions: false in the very first deployment.')
param subscribe bool = true

@description('Whether the activity log goes to the event hub too: a second source for deleted monitoring.')
param activityLog bool = true

@description('Names of Event Grid system topics that exist already, by registry id: Azure allows one a registry.')
param registryTopics object = {}

@description('Name of the system topic of the subscription, if it has one already: Azure allows one. It is not changed. Empty: one is created.')
param subscriptionTopic string = ''

@description('Resource group of that topic.')
param subscriptionTopicGroup string = name

@description('Brings back the Key Vault of a removed deployment of the same name: Azure keeps it, and its name, for 90 days.')
param recoverVault bool = false

@description('Whether a lock prevents the deletion of everything in the resource group.')
param lock bool = false

@description('Memory of an instance of the function app.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 512

@description('Most instances at a time: limits the costs.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

var thisSubscription = subscription().id
var suffix = uniqueString(thisSubscription, name)
var subscriptionTopicName = empty(subscriptionTopic) ? '${name}-subscription' : subscriptionTopic
var foreignRegistries = filter(filter(registries, id => length(split(id, '/')) == 9), id => toLower(split(id, '/')[2]) != toLower(subscription().subscriptionId))

var notRegistries = filter(registries, id => length(split(id, '/')) != 9 || !contains(toLower(id), '/providers/microsoft.containerregistry/registries/'))
var registriesInLowerCase = [for id in registries: toLower(id)]
var namedTwice = length(union(registriesInLowerCase, [])) == length(registries) ? [] : registries

// What brings events to registrywatch beside the registries' own settings: whose removal is alerted.
var registryFeeds = [for id in registries: resourceId(subscription().subscriptionId, split(id, '/')[4], 'Microsoft.EventGrid/systemTopics', contains(registryTopics, id) ? registryTopics[id] : '${name}-${last(split(id, '/'))}')]
var subscriptionTopicId = resourceId(subscription().subscriptionId, subscriptionTopicGroup, 'Microsoft.EventGrid/systemTopics', subscriptionTopicName)
var activityLogSettingId = subscriptionResourceId('Microsoft.Insights/diagnosticSettings', name)

// Only what registrywatch reads from Azure Resource Manager and from a registry's metadata: no
// built-in role is as narrow (Security Reader reads every finding, AcrPull pulls images).
resource planReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'plan-reader')
  properties: {
    roleName: '${name} plan reader (${suffix})'
    description: 'Reads which Defender plans scan images, and where events are sent.'
    type: 'CustomRole'
    assignableScopes: [thisSubscription]
    permissions: [
      {
        actions: [
          'Microsoft.Security/pricings/read'
          'Microsoft.Insights/diagnosticSettings/read'
          'Microsoft.EventGrid/systemTopics/eventSubscriptions/read'
        ]
      }
    ]
  }
}

resource selfReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'self-reader')
  properties: {
    roleName: '${name} self reader (${suffix})'
    description: 'Reads whether registrywatch itself runs as it should.'
    type: 'CustomRole'
    assignableScopes: [thisSubscription]
    permissions: [
      {
        actions: [
          'Microsoft.Web/sites/read'
          'Microsoft.Web/sites/functions/read'
          'Microsoft.EventHub/namespaces/read'
          'Microsoft.EventHub/namespaces/eventhubs/read'
          'Microsoft.EventHub/namespaces/authorizationRules/read'
          'Microsoft.Insights/actionGroups/read'
          'Microsoft.Insights/metrics/read'
          'Microsoft.Insights/scheduledQueryRules/read'
          'Microsoft.Authorization/roleAssignments/read'
        ]
      }
    ]
  }
}

resource registryReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'registry-reader')
  properties: {
    roleName: '${name} registry reader (${suffix})'
    description: 'Reads a registry\'s settings, where it sends its logs, and how many images a repository holds.'
    type: 'CustomRole'
    assignableScopes: [thisSubscription]
    permissions: [
      {
        actions: [
          'Microsoft.Insights/diagnosticSettings/read'
          'Microsoft.ContainerRegistry/registries/read'
          'Microsoft.ContainerRegistry/registries/metadata/read'
        ]
        // The same, for registries that grant by repository (ABAC).
        dataActions: ['Microsoft.ContainerRegistry/registries/repositories/metadata/read']
      }
    ]
  }
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: name
  location: location
  tags: { application: 'registrywatch' }
}

module acceptedRegistries 'accepted-registries.bicep' = {
  scope: group
  name: 'accepted-registries'
  params: {
    registriesOfOtherSubscriptions: foreignRegistries
    idsOfNoRegistry: notRegistries
    registriesNamedTwice: namedTwice
  }
}

module identities 'identities.bicep' = {
  scope: group
  name: 'identities'
  params: {
    location: location
    name: name
  }
}

module selfCheck 'self-check.bicep' = {
  scope: group
  name: 'self-check'
  params: {
    appPrincipalId: identities.outputs.appPrincipalId
    selfReaderRoleId: selfReader.id
  }
}

module storage 'storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    location: location
    accountName: 'rw${suffix}'
    appPrincipalId: identities.outputs.appPrincipalId
    deadLetterPrincipalId: identities.outputs.deadLetterPrincipalId
  }
}

module eventHub 'eventhub.bicep' = {
  scope: group
  name: 'eventhub'
  params: {
    location: location
    namespaceName: '${name}-${suffix}'
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module secrets 'secrets.bicep' = {
  scope: group
  name: 'secrets'
  params: {
    location: location
    vaultName: 'rw-${suffix}'
    appPrincipalId: identities.outputs.appPrincipalId
    recoverVault: recoverVault
    destinations: destinations
    slackWebhookUrl: slackWebhookUrl
    pagerdutyRoutingKey: pagerdutyRoutingKey
    teamsWebhookUrl: teamsWebhookUrl
    googleChatWebhookUrl: googleChatWebhookUrl
    discordWebhookUrl: discordWebhookUrl
    webhookUrl: webhookUrl
    webhookSecret: webhookSecret
    webhookHeaders: webhookHeaders
  }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    location: location
    name: name
    operatorEmail: operatorEmail
    alarmsToDestinations: alarmsToDestinations
    alarmNamespaceName: eventHub.outputs.namespaceName
    alarmHubName: eventHub.outputs.alarmHubName
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module app 'app.bicep' = {
  scope: group
  name: 'app'
  params: {
    location: appLocation
    appName: '${name}-${suffix}'
    identityId: identities.outputs.appIdentityId
    identityClientId: identities.outputs.appClientId
    identityPrincipalId: identities.outputs.appPrincipalId
    storageAccountName: storage.outputs.accountName
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    eventHubNamespaceFqdn: eventHub.outputs.namespaceFqdn
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    registries: registries
    logDestination: eventHub.outputs.namespaceId
    feeds: concat(registryFeeds, [subscriptionTopicId, activityLogSettingId])
    secretSettings: secrets.outputs.settings
    settings: settings
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
}

module watchedRegistries 'registry.bicep' = [for id in registries: {
  scope: resourceGroup(split(id, '/')[4])
  name: take('${name}-${last(split(id, '/'))}', 64)
  params: {
    location: location
    registryName: last(split(id, '/'))
    settingName: name
    topicName: contains(registryTopics, id) ? registryTopics[id] : '${name}-${last(split(id, '/'))}'
    createTopic: !contains(registryTopics, id)
    authorizationRuleId: eventHub.outputs.authorizationRuleId
    hubName: eventHub.outputs.hubName
    registryReaderRoleId: registryReader.id
    appPrincipalId: identities.outputs.appPrincipalId
    deadLetterIdentityId: identities.outputs.deadLetterIdentityId
    deadLetterAccountId: storage.outputs.accountId
    deadLetterContainer: storage.outputs.deadLetterContainer
    functionId: '${app.outputs.appId}/functions/event_grid'
    subscribe: subscribe
    actionGroupId: monitoring.outputs.actionGroupId
  }
}]

module subscriptionEvents 'subscription-topic.bicep' = {
  scope: resourceGroup(subscriptionTopicGroup)
  name: take('${name}-subscription', 64)
  dependsOn: [group]
  params: {
    topicName: subscriptionTopicName
    createTopic: empty(subscriptionTopic)
    eventSubscriptionName: name
    functionId: '${app.outputs.appId}/functions/event_grid'
    subscribe: subscribe
    ownGroupId: group.id
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module subscriptionScope 'subscription.bicep' = {
  name: take('${name}-subscription-scope', 64)
  params: {
    settingName: name
    activityLog: activityLog
    authorizationRuleId: eventHub.outputs.authorizationRuleId
    hubName: eventHub.outputs.hubName
    planReaderRoleId: planReader.id
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module locked 'lock.bicep' = if (lock) {
  scope: group
  name: 'lock'
  dependsOn: [app, monitoring, storage, eventHub, secrets]
}

@description('What to publish the code to: func azure functionapp publish <this> --python')
output functionAppName string = app.outputs.appName

@description('The Key Vault of the secrets; they can be changed there without a deployment.')
output keyVaultName string = secrets.outputs.vaultName

@description('Where queues and tables are: https://<this>.queue.<suffix of the cloud>/alerts-poison and so on.')
output storageAccountName string = storage.outputs.accountName
