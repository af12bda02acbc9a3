// Data Factory: brings reference tables and files of others into the landing container. Its pipelines are published from
// data-factory/ by infra/hooks/publish-factory.ts, so that they stay Data Factory's own JSON.
param name string
param location string
param tags object
param storageAccountName string
param workspaceId string
param operationsServer string
param operationsDatabase string
param operationsUser string
param httpSourceUrl string
param appPrincipalId string

var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource factory 'Microsoft.DataFactory/factories@2018-06-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    publicNetworkAccess: 'Enabled'
    // The names of data-factory/factory/landfall.json, with this environment's values.
    globalParameters: {
      operationsServer: {
        type: 'String'
        value: operationsServer
      }
      operationsDatabase: {
        type: 'String'
        value: operationsDatabase
      }
      operationsUser: {
        type: 'String'
        value: operationsUser
      }
      operationsEncrypt: {
        type: 'String'
        value: 'true'
      }
      landingUrl: {
        type: 'String'
        value: account.properties.primaryEndpoints.dfs
      }
      httpSourceUrl: {
        type: 'String'
        value: httpSourceUrl
      }
    }
  }
}

module factoryWritesLanding 'container-role.bicep' = {
  name: 'factory-writes-landing'
  params: {
    storageAccountName: storageAccountName
    containerName: 'landing'
    principalId: factory.identity.principalId
    roleId: blobDataContributor
  }
}

resource runs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'runs'
  scope: factory
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

// What the app does with pipelines: list, start, follow and cancel them. Data Factory Contributor may also change them.
resource operator 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(factory.id, 'pipeline-operator')
  properties: {
    roleName: 'Pipeline operator of ${name}'
    description: 'Starts, follows and cancels the pipelines of one data factory, and changes none.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.DataFactory/factories/read'
          'Microsoft.DataFactory/factories/pipelines/read'
          'Microsoft.DataFactory/factories/pipelines/createrun/action'
          'Microsoft.DataFactory/factories/pipelineruns/read'
          'Microsoft.DataFactory/factories/pipelineruns/cancel/action'
          'Microsoft.DataFactory/factories/pipelineruns/activityruns/read'
          'Microsoft.DataFactory/factories/pipelineruns/queryactivityruns/action'
          'Microsoft.DataFactory/factories/pipelineruns/queryactivityruns/read'
          'Microsoft.DataFactory/factories/querypipelineruns/action'
          'Microsoft.DataFactory/factories/querypipelineruns/read'
        ]
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource appOperates 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: factory
  name: guid(factory.id, appPrincipalId, operator.id)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: operator.id
  }
}

output id string = factory.id
output name string = factory.name
output principalId string = factory.identity.principalId
