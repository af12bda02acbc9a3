// The data lake: what lands, the lake, the quarantine, and the events that could not be delivered.
param name string
param location string
param tags object
param appPrincipalId string

var containers = [
  'landing'
  'lake'
  'quarantine'
  'dead-letters'
]
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    // Hierarchical namespace: Spark and Synapse rename and list folders, and FlushWithClose tells of a finished upload.
    isHnsEnabled: true
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for containerName in containers: {
  parent: blobs
  name: containerName
  properties: {
    publicAccess: 'None'
  }
}]

// The app looks at what landed, and never changes it.
module appReadsLanding 'container-role.bicep' = {
  name: 'app-reads-landing'
  params: {
    storageAccountName: account.name
    containerName: 'landing'
    principalId: appPrincipalId
    roleId: blobDataReader
  }
  dependsOn: [
    container
  ]
}

// It writes the contexts of jobs, and reads their results and what is to be published.
module appWritesLake 'container-role.bicep' = {
  name: 'app-writes-lake'
  params: {
    storageAccountName: account.name
    containerName: 'lake'
    principalId: appPrincipalId
    roleId: blobDataContributor
  }
  dependsOn: [
    container
  ]
}

output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
