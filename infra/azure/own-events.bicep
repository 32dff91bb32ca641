// What happens to registrywatch's own resources, by a subscription of its own on the subscription's
// system topic. The activity log brings the same a few minutes later, through the event hub.
param topicName string
param eventSubscriptionName string
param ownGroupId string
param functionId string
param subscribe bool

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource own 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (subscribe) {
  parent: topic
  name: eventSubscriptionName
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: functionId
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      subjectBeginsWith: ownGroupId
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.operationName'
          values: [
            'Microsoft.EventHub/namespaces/delete'
            'Microsoft.EventHub/namespaces/networkRuleSets/write'
            'Microsoft.EventHub/namespaces/eventhubs/delete'
            'Microsoft.EventHub/namespaces/eventhubs/consumergroups/delete'
            'Microsoft.EventHub/namespaces/authorizationRules/delete'
            'Microsoft.EventHub/namespaces/eventhubs/authorizationRules/delete'
            'Microsoft.EventHub/namespaces/authorizationRules/regenerateKeys/action'
            'Microsoft.EventHub/namespaces/eventhubs/authorizationRules/regenerateKeys/action'
            'Microsoft.Web/sites/delete'
            'Microsoft.Web/sites/stop/action'
            'Microsoft.Web/sites/write'
            'Microsoft.Web/sites/config/write'
            'Microsoft.Web/sites/config/delete'
            'Microsoft.Web/sites/functions/delete'
            'Microsoft.Storage/storageAccounts/delete'
            'Microsoft.Storage/storageAccounts/queueServices/queues/delete'
            'Microsoft.Storage/storageAccounts/tableServices/tables/delete'
            'Microsoft.KeyVault/vaults/delete'
            'Microsoft.Insights/actionGroups/delete'
            'Microsoft.Insights/metricAlerts/delete'
            'Microsoft.Insights/scheduledQueryRules/delete'
            'Microsoft.Insights/activityLogAlerts/delete'
            'Microsoft.Authorization/roleAssignments/delete'
            'Microsoft.ManagedIdentity/userAssignedIdentities/delete'
            'Microsoft.Resources/subscriptions/resourceGroups/delete'
          ]
        }
      ]
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
