// Where the registries' resource logs and the activity log arrive, and registrywatch's own alarms.
param location string

@minLength(6)
@maxLength(50)
param namespaceName string
param appPrincipalId string

var eventHubsDataReceiver = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  sku: {
    name: 'Basic'
    tier: 'Basic'
    capacity: 1
  }
  properties: {
    minimumTlsVersion: '1.2'
    // Diagnostic settings send with the rule below: Azure Monitor has no other way to an event hub.
    disableLocalAuth: false
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'registry-logs'
  properties: {
    partitionCount: 2
    messageRetentionInDays: 1
  }
}

// The action group sends alarms here. They have a hub of their own: a batch of logs that is retried,
// since a store fails for example, does not hold back the alarm about it.
resource alarmHub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'own-alarms'
  properties: {
    partitionCount: 1
    messageRetentionInDays: 1
  }
}

// Azure Monitor requires all three rights of the rule that it sends with. The key never leaves Azure:
// only the rule's id is in a diagnostic setting, and the functions read with their identity.
resource diagnosticsRule 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = {
  parent: namespace
  name: 'diagnostic-settings'
  properties: {
    rights: ['Listen', 'Manage', 'Send']
  }
}

resource appReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hub
  name: guid(hub.id, appPrincipalId, eventHubsDataReceiver)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', eventHubsDataReceiver)
  }
}

resource appReceivesAlarms 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: alarmHub
  name: guid(alarmHub.id, appPrincipalId, eventHubsDataReceiver)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', eventHubsDataReceiver)
  }
}

output hubName string = hub.name
output alarmHubName string = alarmHub.name
output namespaceName string = namespace.name
output namespaceId string = namespace.id
// https://<name>.<suffix of this cloud>:443/
output namespaceFqdn string = split(split(namespace.properties.serviceBusEndpoint, '/')[2], ':')[0]
output authorizationRuleId string = diagnosticsRule.id
