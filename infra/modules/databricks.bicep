// The Databricks workspace, and the identity by which Unity Catalog reaches the lake. Who may do what inside the
// workspace is not Azure's to say: infra/hooks/configure-databricks.ts admits the app.
param name string
param location string
param tags object
param storageAccountName string

var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource workspace 'Microsoft.Databricks/workspaces@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    // Unity Catalog and permissions on jobs are premium.
    name: 'premium'
  }
  properties: {
    managedResourceGroupId: subscriptionResourceId('Microsoft.Resources/resourceGroups', '${resourceGroup().name}-databricks')
    publicNetworkAccess: 'Enabled'
    requiredNsgRules: 'AllRules'
    parameters: {
      enableNoPublicIp: {
        value: true
      }
    }
  }
}

resource connector 'Microsoft.Databricks/accessConnectors@2024-05-01' = {
  name: '${name}-lake'
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
}

module jobsReadLanding 'container-role.bicep' = {
  name: 'jobs-read-landing'
  params: {
    storageAccountName: storageAccountName
    containerName: 'landing'
    principalId: connector.identity.principalId
    roleId: blobDataReader
  }
}

module jobsWriteLake 'container-role.bicep' = {
  name: 'jobs-write-lake'
  params: {
    storageAccountName: storageAccountName
    containerName: 'lake'
    principalId: connector.identity.principalId
    roleId: blobDataContributor
  }
}

module jobsWriteQuarantine 'container-role.bicep' = {
  name: 'jobs-write-quarantine'
  params: {
    storageAccountName: storageAccountName
    containerName: 'quarantine'
    principalId: connector.identity.principalId
    roleId: blobDataContributor
  }
}

output url string = 'https://${workspace.properties.workspaceUrl}'
output accessConnectorId string = connector.id
