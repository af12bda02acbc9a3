// All of Landfall in one resource group. One identity, the app's, goes through every module: each module gives it what
// the app does there, and no more. `azd up` deploys this file with main.bicepparam; docs/deploy.md is the guide.
targetScope = 'subscription'

@description('Name of the environment; the resource group and the tags carry it.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Region of all resources. It must offer Flex Consumption and Synapse.')
param location string

@description('Object id of who deploys: administrator of the warehouse, so that its schema can be made.')
param deployerObjectId string

@description('Name of who deploys, as the warehouse shows its administrator.')
param deployerName string

@description('Address from which the schema of the warehouse is made; empty when that is an address of Azure.')
param deployerIpAddress string = ''

@description('serverless: pay by request, for up to 5,000 RU/s a partition. autoscale: for steady load.')
@allowed([
  'serverless'
  'autoscale'
])
param cosmosCapacity string = 'serverless'

@description('Size of the dedicated SQL pool. It costs by the hour while it is not paused.')
param sqlPoolSize string = 'DW100c'

@description('Version of Node.js; see which of them Flex Consumption offers in your region.')
@allowed([
  '22'
  '24'
])
param nodeVersion string = '22'

@description('SQL warehouse for ad hoc queries; a hook makes it and notes it in the azd environment. Empty: none.')
param databricksWarehouseId string = ''

@description('Unity Catalog catalog with the schemas bronze, silver and gold.')
param databricksCatalog string = 'main'

@description('The operational database that Data Factory copies reference tables from; see data-factory/.')
param operationsServer string = ''
param operationsDatabase string = 'operations'
param operationsUser string = 'data_factory'

@description('Server whose files Data Factory copies into the landing container.')
param httpSourceUrl string = 'https://example.com'

@description('Client id of the API\'s registration in Entra ID, for which access tokens must be. Empty: function keys only.')
param authAudience string = ''

@description('Client id of the web app\'s registration in Entra ID, as which browsers sign in.')
param authClientId string = ''

@description('Analysis Services for the semantic model. Power BI alone does not need it.')
param deployAnalysisServices bool = false

@description('Workspace and dataset of the semantic model in Power BI, once it is published there; empty: none.')
param powerBiWorkspaceId string = ''
param powerBiDatasetId string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var analysisServicesName = 'as${token}'
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-landfall-${token}'
    location: location
    tags: tags
  }
}

module logAnalytics 'modules/log-analytics.bicep' = {
  name: 'log-analytics'
  scope: group
  params: {
    name: 'log-${token}'
    location: location
    tags: tags
  }
}

module applicationInsights 'modules/application-insights.bicep' = {
  name: 'application-insights'
  scope: group
  params: {
    name: 'appi-${token}'
    location: location
    tags: tags
    workspaceId: logAnalytics.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  name: 'key-vault'
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    workspaceId: logAnalytics.outputs.id
    factoryPrincipalId: dataFactory.outputs.principalId
  }
}

module hostKeys 'modules/host-keys.bicep' = {
  name: 'host-keys'
  scope: group
  params: {
    name: 'kvh-${token}'
    location: location
    tags: tags
    workspaceId: logAnalytics.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    webOrigin: 'https://func-${token}.azurewebsites.net'
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    name: 'sth${token}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
  }
}

module eventGrid 'modules/event-grid.bicep' = {
  name: 'event-grid'
  scope: group
  params: {
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
    workspaceId: logAnalytics.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  scope: group
  params: {
    name: 'cosmos-${token}'
    location: location
    tags: tags
    capacity: cosmosCapacity
    appPrincipalId: identity.outputs.principalId
  }
}

module databricks 'modules/databricks.bicep' = {
  name: 'databricks'
  scope: group
  params: {
    name: 'dbw-${token}'
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
  }
}

module synapse 'modules/synapse.bicep' = {
  name: 'synapse'
  scope: group
  params: {
    name: 'syn-${token}'
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
    administratorObjectId: deployerObjectId
    administratorName: deployerName
    deployerIpAddress: deployerIpAddress
    poolSize: sqlPoolSize
  }
}

module dataFactory 'modules/data-factory.bicep' = {
  name: 'data-factory'
  scope: group
  params: {
    name: 'adf-${token}'
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
    workspaceId: logAnalytics.outputs.id
    operationsServer: operationsServer
    operationsDatabase: operationsDatabase
    operationsUser: operationsUser
    httpSourceUrl: httpSourceUrl
    appPrincipalId: identity.outputs.principalId
  }
}

module analysisServices 'modules/analysis-services.bicep' = if (deployAnalysisServices) {
  name: 'analysis-services'
  scope: group
  params: {
    name: analysisServicesName
    location: location
    tags: tags
    administratorName: deployerName
    appClientId: identity.outputs.clientId
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-${token}'
    location: location
    tags: tags
    nodeVersion: nodeVersion
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageName: hostStorage.outputs.name
    packageContainerUrl: hostStorage.outputs.packageContainerUrl
    applicationInsightsConnectionString: applicationInsights.outputs.connectionString
    storageAccountName: storage.outputs.name
    storageBlobEndpoint: storage.outputs.blobEndpoint
    cosmosEndpoint: cosmos.outputs.endpoint
    cosmosDatabase: cosmos.outputs.database
    databricksHost: databricks.outputs.url
    databricksWarehouseId: databricksWarehouseId
    databricksCatalog: databricksCatalog
    synapseServer: synapse.outputs.server
    synapseDatabase: synapse.outputs.database
    topicEndpoint: eventGrid.outputs.topicEndpoint
    hostKeysUri: hostKeys.outputs.uri
    authAudience: authAudience
    authClientId: authClientId
    dataFactoryId: dataFactory.outputs.id
    powerBiWorkspaceId: powerBiWorkspaceId
    powerBiDatasetId: powerBiDatasetId
    analysisServicesServer: deployAnalysisServices ? analysisServicesName : ''
  }
}

// azd hands these to the hooks as environment variables.
output AZURE_RESOURCE_GROUP string = group.name
output APP_NAME string = functionApp.outputs.name
output APP_URL string = functionApp.outputs.url
output APP_IDENTITY_NAME string = identity.outputs.name
output APP_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
output STORAGE_SYSTEM_TOPIC string = eventGrid.outputs.systemTopicName
output DATABRICKS_HOST string = databricks.outputs.url
output DATABRICKS_ACCESS_CONNECTOR_ID string = databricks.outputs.accessConnectorId
output DATABRICKS_CATALOG string = databricksCatalog
output SYNAPSE_SERVER string = synapse.outputs.server
output SYNAPSE_DATABASE string = synapse.outputs.database
output DATA_FACTORY_NAME string = dataFactory.outputs.name
output KEY_VAULT_URI string = keyVault.outputs.uri
