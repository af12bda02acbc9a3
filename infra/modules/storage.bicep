// The data lake: what lands, the lake, the quarantine, and the events that could not be delivered.
param name string
param location string
param tags object
param appPrincipalId string

@description('Where the web app is served: its pages send files to the landing container.')
param webOrigin string

var containers = [
  'landing'
  'lake'
  'quarantine'
  'dead-letters'
]
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDelegator = 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'

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
    // A browser may send a file with a signed URL of POST /api/uploads, and see its ETag; scripts/provision/storage.ts has the same.
    cors: {
      corsRules: [
        {
          allowedOrigins: [
            webOrigin
          ]
          allowedMethods: [
            'PUT'
          ]
          allowedHeaders: [
            'content-type'
            'x-ms-blob-type'
          ]
          exposedHeaders: [
            'ETag'
          ]
          maxAgeInSeconds: 3600
        }
      ]
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

// The app looks at what landed. It changes nothing there, but lets people upload: a user delegation key can do no more than who
// asks for it, so whoever signs URLs to write must be allowed to.
module appWritesLanding 'container-role.bicep' = {
  name: 'app-writes-landing'
  params: {
    storageAccountName: account.name
    containerName: 'landing'
    principalId: appPrincipalId
    roleId: blobDataContributor
  }
  dependsOn: [
    container
  ]
}

// The key itself is the account's: this role asks for one, and reads or writes nothing.
resource appDelegates 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, blobDelegator)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDelegator)
  }
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

// It shows the rows that were refused, and gives them back; only the jobs write there.
module appReadsQuarantine 'container-role.bicep' = {
  name: 'app-reads-quarantine'
  params: {
    storageAccountName: account.name
    containerName: 'quarantine'
    principalId: appPrincipalId
    roleId: blobDataReader
  }
  dependsOn: [
    container
  ]
}

output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
