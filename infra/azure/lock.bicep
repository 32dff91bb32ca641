// No part of registrywatch can be deleted before this lock is removed, which is an operation of
// its own in the activity log.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'registrywatch'
  properties: {
    level: 'CanNotDelete'
    notes: 'registrywatch watches the container registries; remove this lock to remove it (docs/remove.md).'
  }
}
