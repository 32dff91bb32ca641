// Two identities: one the functions act as, one Event Grid writes dead letters as. Each holds only
// the rights of its own job; the assignments are beside the resources that they give access to.
param location string
param name string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-app'
  location: location
}

resource deadLetter 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-deadletter'
  location: location
}

output appIdentityId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output deadLetterIdentityId string = deadLetter.id
output deadLetterPrincipalId string = deadLetter.properties.principalId
