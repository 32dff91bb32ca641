// What belongs to the subscription itself: the right to read the Defender plans, and the activity log
// as a second source (the topic can't report its own deletion).
targetScope = 'subscription'

param settingName string
param activityLog bool
param authorizationRuleId string
param hubName string
param planReaderRoleId string
param appPrincipalId string

resource appReadsPlans 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, appPrincipalId, planReaderRoleId)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: planReaderRoleId
  }
}

resource activity 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (activityLog) {
  name: settingName
  properties: {
    eventHubAuthorizationRuleId: authorizationRuleId
    eventHubName: hubName
    logs: [
      {
        category: 'Administrative'
        enabled: true
      }
    ]
  }
}
