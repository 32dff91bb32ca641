// The function app: Flex Consumption, Python 3.13, no key or secret in any setting.
param location string
param appName string
param serviceName string = 'app'
param identityId string
param identityClientId string
param storageAccountName string
param deploymentContainerUrl string
param eventHubNamespaceFqdn string

@secure()
param insightsConnectionString string
param registries array
param feeds array
param logDestination string
param identityPrincipalId string
param secretSettings object
param settings object
param instanceMemoryMB int
param maximumInstanceCount int

var baseSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: 'https://${storageAccountName}.blob.${environment().suffixes.storage}'
  AzureWebJobsStorage__queueServiceUri: 'https://${storageAccountName}.queue.${environment().suffixes.storage}'
  AzureWebJobsStorage__tableServiceUri: 'https://${storageAccountName}.table.${environment().suffixes.storage}'
  EventHub__credential: 'managedidentity'
  EventHub__clientId: identityClientId
  EventHub__fullyQualifiedNamespace: eventHubNamespaceFqdn
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId
  // As many as host.json lets run at a time: else five deliveries that hang would hold up all others.
  PYTHON_THREADPOOL_THREAD_COUNT: '24'
  REGISTRYWATCH_AZURE_REGISTRIES: join(registries, ',')
  REGISTRYWATCH_AZURE_LOG_DESTINATION: logDestination
  REGISTRYWATCH_AZURE_FEEDS: join(feeds, ',')
  REGISTRYWATCH_AZURE_RESOURCE_MANAGER: environment().resourceManager
  REGISTRYWATCH_AZURE_APP: resourceId('Microsoft.Web/sites', appName)
  REGISTRYWATCH_AZURE_PRINCIPAL: identityPrincipalId
  REGISTRYWATCH_OWN_RESOURCES: resourceGroup().name
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  // checkov:skip=CKV_AZURE_225: zones cost a fixed number of instances
  name: appName
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  // checkov:skip=CKV_AZURE_212: Flex Consumption has no instances to keep; it scales on its own
  // checkov:skip=CKV_AZURE_213: nothing is served over http that a health check could ask
  // checkov:skip=CKV_AZURE_17: Event Grid calls with the key that the platform gave it, not with a certificate
  // checkov:skip=CKV_AZURE_222: Event Grid must reach the functions
  // checkov:skip=CKV_AZURE_78: Flex Consumption refuses ftpsState (ARM error 51021), and has no FTP
  // checkov:skip=CKV_AZURE_18: Flex Consumption is not known to take http20Enabled; Event Grid alone calls it
  // checkov:skip=CKV_AZURE_67: as above
  name: appName
  location: location
  kind: 'functionapp,linux'
  tags: {
    application: 'registrywatch'
    'azd-service-name': serviceName // how `azd deploy` finds it
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: [for setting in items(union(settings, secretSettings, baseSettings)): {
        name: setting.key
        value: setting.value
      }]
    }
  }
}

// Publishing is by Entra identity; the old user name and password for it stay off.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output appId string = app.id
output appName string = app.name
