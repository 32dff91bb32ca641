// The table Registrywatch_CL in a Log Analytics workspace of yours (and so in Microsoft Sentinel), the
// data collection rule that fills it, and the app's right to send to it. Deploy it into the
// workspace's resource group, then give the outputs as settings:
//   REGISTRYWATCH_LOG_ANALYTICS_ENDPOINT, REGISTRYWATCH_LOG_ANALYTICS_RULE_ID
@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Principal id of the identity that the function app acts as; an output of main.bicep.')
param appPrincipalId string

param location string = resourceGroup().location

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var table = 'Registrywatch_CL'
// A table and a rule write the type of a time differently.
var tableTime = { name: 'TimeGenerated', type: 'dateTime' }
var ruleTime = { name: 'TimeGenerated', type: 'datetime' }
var columns = [
  { name: 'AlertId', type: 'string' }
  { name: 'Rule', type: 'string' }
  { name: 'Title', type: 'string' }
  { name: 'Severity', type: 'string' }
  { name: 'Summary', type: 'string' }
  { name: 'Reasons', type: 'dynamic' }
  { name: 'Cloud', type: 'string' }
  { name: 'Account', type: 'string' }
  { name: 'Region', type: 'string' }
  { name: 'Registry', type: 'string' }
  { name: 'Repository', type: 'string' }
  { name: 'ResourceId', type: 'string' }
  { name: 'ActorId', type: 'string' }
  { name: 'ActorName', type: 'string' }
  { name: 'ActorType', type: 'string' }
  { name: 'ActorIp', type: 'string' }
  { name: 'UserAgent', type: 'string' }
  { name: 'Techniques', type: 'dynamic' }
  { name: 'Events', type: 'dynamic' }
  { name: 'ImageCount', type: 'int' }
  { name: 'Impact', type: 'string' }
  { name: 'Mitigation', type: 'string' }
  { name: 'Silence', type: 'string' }
  { name: 'Follows', type: 'string' }
  { name: 'IncidentId', type: 'string' }
  { name: 'IncidentState', type: 'string' }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource alerts 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: table
  properties: {
    schema: {
      name: table
      columns: concat([tableTime], columns)
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'registrywatch'
  location: location
  kind: 'Direct'
  properties: {
    streamDeclarations: {
      'Custom-${table}': {
        columns: concat([ruleTime], columns)
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: ['Custom-${table}']
        destinations: ['workspace']
        transformKql: 'source'
        outputStream: 'Custom-${table}'
      }
    ]
  }
  dependsOn: [alerts]
}

resource appSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rule
  name: guid(rule.id, appPrincipalId, monitoringMetricsPublisher)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

output endpoint string = rule.properties.endpoints.logsIngestion
output ruleId string = rule.properties.immutableId
