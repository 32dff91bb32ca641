// What happens to the subscription's resources, as far as registrywatch reads it.
param topicName string
param createTopic bool
param eventSubscriptionName string
param functionId string
param subscribe bool
param actionGroupId string

@description('Resource id of the group that registrywatch itself is in.')
param ownGroupId string

module events 'topic.bicep' = {
  name: take('${eventSubscriptionName}-subscription-events', 64)
  params: {
    // Azure gives a topic in `global` no identity, so this one has no dead-letter container; the
    // activity log brings the same events by the event hub.
    location: 'global'
    topicName: topicName
    createTopic: createTopic
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
    eventSubscriptionName: eventSubscriptionName
    eventFilter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      // The activity log brings the rest, with the request that says how bad it is. Event Grid compares strings without regard to case, and takes 25 values at most.
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.operationName'
          values: [
            'Microsoft.Security/pricings/write'
            'Microsoft.Security/pricings/delete'
            'Microsoft.ContainerRegistry/registries/write'
            'Microsoft.ContainerRegistry/registries/delete'
            'Microsoft.ContainerRegistry/registries/updatePolicies/write'
            'Microsoft.ContainerRegistry/registries/regenerateCredential/action'
            'Microsoft.ContainerRegistry/registries/generateCredentials/action'
            'Microsoft.ContainerRegistry/registries/listCredentials/action'
            'Microsoft.ContainerRegistry/registries/scopeMaps/write'
            'Microsoft.ContainerRegistry/registries/exportPipelines/write'
            'Microsoft.ContainerRegistry/registries/importPipelines/write'
            'Microsoft.ContainerRegistry/registries/pipelineRuns/write'
            'Microsoft.ContainerRegistry/registries/connectedRegistries/write'
            'Microsoft.Insights/diagnosticSettings/write'
            'Microsoft.Insights/diagnosticSettings/delete'
            'Microsoft.EventGrid/eventSubscriptions/write'
            'Microsoft.EventGrid/eventSubscriptions/delete'
            'Microsoft.EventGrid/systemTopics/delete'
            'Microsoft.EventGrid/systemTopics/eventSubscriptions/write'
            'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete'
          ]
        }
      ]
    }
    functionId: functionId
    subscribe: subscribe
    actionGroupId: actionGroupId
  }
}

// What happens to registrywatch itself has a subscription of its own: a filter has 25 values at most.
module ownEvents 'own-events.bicep' = {
  name: take('${eventSubscriptionName}-own-events', 64)
  dependsOn: [events]
  params: {
    topicName: topicName
    eventSubscriptionName: '${eventSubscriptionName}-own'
    ownGroupId: ownGroupId
    functionId: functionId
    subscribe: subscribe
  }
}
