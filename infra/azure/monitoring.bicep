// Logs, and the alarms about registrywatch itself: that something could not be handled, read or
// delivered. They go out by mail, and to the alert destinations by the function own_alarms.
param location string
param name string
param operatorEmail string
param appPrincipalId string
param alarmsToDestinations bool
param alarmNamespaceName string
param alarmHubName string

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// The functions write such lines as JSON (shared/registrywatch/azure/log_lines.py).
var lines = 'traces | extend line = parse_json(message)'
var alarms = [
  {
    name: 'dead-letters'
    description: 'A message arrived in a poison queue or in the queue of unreadable records. docs/runbook.md says how to look at it and put it back.'
    severity: 1
    // Each newest dead letter is a series of its own: it rings even if others still wait.
    query: '${lines} | where line.event == "dead_letters" | extend queue = tostring(line.queue), newest = tostring(line.newest)'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
    dimensions: [
      {
        name: 'queue'
        operator: 'Include'
        values: ['*']
      }
      {
        name: 'newest'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'dead-letters-waiting'
    description: 'Messages have been in a poison queue or in the queue of unreadable records for another day.'
    severity: 3
    // Each day that the newest dead letter has waited is a series of its own: a reminder a day.
    query: '${lines} | where line.event == "dead_letters" and todouble(line.waited) >= 86400 | extend queue = tostring(line.queue), days = tostring(toint(todouble(line.waited) / 86400))'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT1H'
    window: 'PT1H'
    failing: 1
    of: 1
    dimensions: [
      {
        name: 'queue'
        operator: 'Include'
        values: ['*']
      }
      {
        name: 'days'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'state-unreadable'
    description: 'Azure Resource Manager has not answered for most of an hour how registries are set: rules on their state detect nothing.'
    severity: 2
    query: '${lines} | where line.event == "state_unreadable"'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT15M'
    window: 'PT15M'
    failing: 3
    of: 3
    dimensions: []
  }
  {
    name: 'failures'
    description: 'A function failed three times in a quarter of an hour. Its trigger retries; what it gives up on ends in a dead-letter queue.'
    severity: 2
    query: 'requests | where success == false | summarize failed = count() by name | where failed >= 3'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
    dimensions: []
  }
  {
    name: 'failed-once'
    description: 'A function failed within the last six hours: an event that always fails is retried less and less often, and is dead-lettered after a day.'
    severity: 3
    query: 'requests | where success == false'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT1H'
    window: 'PT6H'
    failing: 1
    of: 1
    dimensions: []
  }
  {
    name: 'late'
    description: 'An alert has not reached its destination for more than five minutes: the destination does not answer, or its secret cannot be read.'
    severity: 1
    query: '${lines} | where line.event == "delivery" and line.result in ("rescheduled", "failed") and todouble(line.age) > 300 | extend destination = tostring(line.destination)'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
    dimensions: [
      {
        name: 'destination'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'stuck'
    description: 'No function takes messages from a queue: alerts are not delivered, or states are not read again.'
    severity: 1
    query: '${lines} | where line.event == "stuck" | extend queue = tostring(line.queue)'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
    dimensions: [
      {
        name: 'queue'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'silent'
    description: 'The timer of registrywatch has not run for an hour: nothing is watched.'
    severity: 0
    query: 'requests | where name == "housekeeping" and success == true'
    operator: 'LessThan'
    threshold: 1
    frequency: 'PT15M'
    window: 'PT1H'
    failing: 1
    of: 1
    dimensions: []
  }
  {
    name: 'unchecked'
    description: 'The self-check has not run for an hour: a part of registrywatch that is switched off would not be noticed.'
    severity: 1
    query: 'requests | where name == "self_check" and success == true'
    operator: 'LessThan'
    threshold: 1
    frequency: 'PT15M'
    window: 'PT1H'
    failing: 1
    of: 1
    dimensions: []
  }
]

var alarmReceiver = {
  name: 'alert-destinations'
  subscriptionId: subscription().subscriptionId
  eventHubNameSpace: alarmNamespaceName
  eventHubName: alarmHubName
  useCommonAlertSchema: true
}
var alarmReceivers = alarmsToDestinations ? [alarmReceiver] : []

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, appPrincipalId, monitoringMetricsPublisher)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-operators'
  location: 'global'
  properties: {
    groupShortName: 'regwatch'
    enabled: true
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: operatorEmail
        useCommonAlertSchema: true
      }
    ]
    eventHubReceivers: alarmReceivers
  }
}

resource alarmRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alarm in alarms: {
  name: '${name}-${alarm.name}'
  location: location
  kind: 'LogAlert'
  properties: {
    displayName: '${name}: ${alarm.name}'
    description: alarm.description
    severity: alarm.severity
    enabled: true
    scopes: [insights.id]
    evaluationFrequency: alarm.frequency
    windowSize: alarm.window
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alarm.query
          timeAggregation: 'Count'
          operator: alarm.operator
          threshold: alarm.threshold
          dimensions: alarm.dimensions
          failingPeriods: {
            minFailingPeriodsToAlert: alarm.failing
            numberOfEvaluationPeriods: alarm.of
          }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}]

// The workbook: alerts by rule, pulls by identity, the lag of the logs, what is undelivered.
resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, name, 'workbook')
  location: location
  kind: 'shared'
  properties: {
    displayName: '${name}: operation'
    category: 'workbook'
    sourceId: toLower(insights.id)
    serializedData: loadTextContent('workbook.json')
  }
}

output insightsConnectionString string = insights.properties.ConnectionString
output actionGroupId string = operators.id
