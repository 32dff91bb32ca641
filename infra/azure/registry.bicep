// One watched registry, in its own resource group: its logs to the event hub, its events to the
// function, and the right to read its repositories' metadata.
param location string
param registryName string
param settingName string
param topicName string
param createTopic bool
param authorizationRuleId string
param hubName string
param registryReaderRoleId string
param appPrincipalId string
param deadLetterIdentityId string
param deadLetterAccountId string
param deadLetterContainer string
param functionId string
param subscribe bool
param actionGroupId string

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: settingName
  properties: {
    eventHubAuthorizationRuleId: authorizationRuleId
    eventHubName: hubName
    logs: [
      {
        category: 'ContainerRegistryRepositoryEvents'
        enabled: true
      }
    ]
  }
}

resource appReadsRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, appPrincipalId, registryReaderRoleId)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: registryReaderRoleId
  }
}

module events 'topic.bicep' = {
  name: take('${settingName}-events-${registryName}', 64)
  params: {
    location: location
    topicName: topicName
    createTopic: createTopic
    source: registry.id
    topicType: 'Microsoft.ContainerRegistry.Registries'
    eventSubscriptionName: settingName
    eventFilter: {
      includedEventTypes: [
        'Microsoft.ContainerRegistry.ImagePushed'
        'Microsoft.ContainerRegistry.ImageDeleted'
      ]
    }
    deadLetterIdentityId: deadLetterIdentityId
    deadLetterAccountId: deadLetterAccountId
    deadLetterContainer: deadLetterContainer
    functionId: functionId
    subscribe: subscribe
    actionGroupId: actionGroupId
  }
}
