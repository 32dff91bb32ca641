// Stops a deployment whose list of registries can't be watched: Azure's error names the parameter
// that should be empty, and shows what is in it.

@description('Roles, and what Event Grid reports, belong to one subscription: deploy there as well, under the same name or another.')
@maxLength(0)
param registriesOfOtherSubscriptions array

@description('Each id must be /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/NAME.')
@maxLength(0)
param idsOfNoRegistry array

@description('Letter case makes no other registry: each may be listed once.')
@maxLength(0)
param registriesNamedTwice array

output refused array = concat(registriesOfOtherSubscriptions, idsOfNoRegistry, registriesNamedTwice)
