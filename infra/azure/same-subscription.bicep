// Stops a deployment that names registries of another subscription: roles, and what Event Grid tells,
// belong to one subscription. A deployment there, with the same name or another, watches them.
@maxLength(0)
param registriesOfOtherSubscriptions array

output refused array = registriesOfOtherSubscriptions
