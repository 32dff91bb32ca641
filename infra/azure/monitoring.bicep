// Logs, and the alarms about registrywatch itself. Alerts about registries go to the destinations;
// these mails say that something could not be handled, read or delivered.
param location string
param name string
param operatorEmail string
param appPrincipalId string

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// The functions write such lines as JSON (shared/registrywatch/azure/log_lines.py).
var lines = 'traces | extend line = parse_json(message)'
var alarms = [
  {
    name: 'dead-letters'
    description: 'Messages lie in a poison queue or in the queue of unreadable records. docs/azure.md says how to look at them and send them again.'
    severity: 1
    query: '${lines} | where line.event == "dead_letters"'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
  }
  {
    name: 'state-unreadable'
    description: 'Azure Resource Manager has not told for most of an hour whether images are scanned or where logs go: acr-image-scan-disabled is blind.'
    severity: 2
    query: '${lines} | where line.event == "state_unreadable"'
    operator: 'GreaterThan'
    threshold: 0
    frequency: 'PT15M'
    window: 'PT15M'
    failing: 3
    of: 3
  }
  {
    name: 'failures'
    description: 'Functions keep failing. Their triggers retry; what they give up on ends in a dead-letter queue.'
    severity: 2
    query: 'requests | where success == false'
    operator: 'GreaterThan'
    threshold: 5
    frequency: 'PT5M'
    window: 'PT15M'
    failing: 1
    of: 1
  }
  {
    name: 'silent'
    description: 'The timer of registrywatch has not run for an hour: nobody is watching.'
    severity: 0
    query: 'requests | where name == "housekeeping" and success == true'
    operator: 'LessThan'
    threshold: 1
    frequency: 'PT15M'
    window: 'PT1H'
    failing: 1
    of: 1
  }
  {
    name: 'unchecked'
    description: 'The self-check has not run for an hour: nobody would notice that a part of registrywatch was switched off.'
    severity: 1
    query: 'requests | where name == "self_check" and success == true'
    operator: 'LessThan'
    threshold: 1
    frequency: 'PT15M'
    window: 'PT1H'
    failing: 1
    of: 1
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
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
  }
}

resource alarmRules 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [for alarm in alarms: {
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

output insightsConnectionString string = insights.properties.ConnectionString
output actionGroupId string = operators.id
