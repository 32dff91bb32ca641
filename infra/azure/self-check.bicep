// The right to read registrywatch's own resources: the function app, what arrives, the identity's roles.
param appPrincipalId string
param selfReaderRoleId string

resource appReadsItself 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, appPrincipalId, selfReaderRoleId)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: selfReaderRoleId
  }
}
