// A system topic, its subscription to the function, and the alarm on what could not be delivered.
//
// A topic that exists already is the user's: it is never changed, only subscribed to.
param location string
param topicName string

@description('False: the topic exists already, and is left as it is.')
param createTopic bool
param source string
param topicType string
param eventSubscriptionName string
param eventFilter object

@description('The identity that dead letters are written as. Empty: none, as a topic in `global` takes no identity.')
param deadLetterIdentityId string = ''
param deadLetterAccountId string = ''
param deadLetterContainer string = ''
param functionId string
param subscribe bool
param actionGroupId string

var deadLetters = createTopic && !empty(deadLetterIdentityId)

resource created 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (createTopic) {
  name: topicName
  location: location
  tags: { application: 'registrywatch' }
  identity: deadLetters ? {
    type: 'UserAssigned'
    userAssignedIdentities: { '${deadLetterIdentityId}': {} }
  } : null
  properties: {
    source: source
    topicType: topicType
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource toFunction 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (subscribe) {
  parent: topic
  name: eventSubscriptionName
  dependsOn: [created]
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
    filter: eventFilter
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: deadLetters ? {
      identity: {
        type: 'UserAssigned'
        userAssignedIdentity: deadLetterIdentityId
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: deadLetterAccountId
          blobContainerName: deadLetterContainer
        }
      }
    } : null
  }
}

resource undelivered 'Microsoft.Insights/metricAlerts@2018-03-01' = if (deadLetters) {
  name: '${eventSubscriptionName}-${topicName}-undelivered'
  location: 'global'
  dependsOn: [created]
  properties: {
    description: 'Event Grid gave up on events of ${topicName}: they are in the container "${deadLetterContainer}".'
    severity: 1
    enabled: true
    scopes: [topic.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dead-lettered'
          metricName: 'DeadLetteredCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

resource dropped 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${eventSubscriptionName}-${topicName}-dropped'
  location: 'global'
  dependsOn: [created]
  properties: {
    description: 'Event Grid dropped events of ${topicName}: there is no dead-letter container, or it took none. The activity log in the event hub has them too.'
    severity: 0
    enabled: true
    scopes: [topic.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dropped'
          metricName: 'DroppedEventCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
