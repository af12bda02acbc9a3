// Cosmos DB for NoSQL: the ledger of files, the log of runs, which version is served, and the insights themselves.
param name string
param location string
param tags object
param appPrincipalId string

@allowed([
  'serverless'
  'autoscale'
])
param capacity string

@description('Most request units a second that the containers share, with autoscale.')
param maxThroughput int = 4000

// As in src/shared/names.ts.
var containers = [
  {
    id: 'insights'
    partitionKey: '/pk'
  }
  {
    id: 'files'
    partitionKey: '/dataset'
  }
  {
    id: 'runs'
    partitionKey: '/dataset'
  }
  {
    id: 'publications'
    partitionKey: '/dataset'
  }
  {
    id: 'pipeline-runs'
    partitionKey: '/factory'
  }
]
var serverless = (capacity == 'serverless')
var serverlessCapabilities = [
  {
    name: 'EnableServerless'
  }
]
var autoscaleOptions = {
  autoscaleSettings: {
    maxThroughput: maxThroughput
  }
}
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [
      {
        locationName: location
        failoverPriority: 0
      }
    ]
    consistencyPolicy: {
      defaultConsistencyLevel: 'Session'
    }
    capabilities: (serverless ? serverlessCapabilities : [])
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous7Days'
      }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: 'landfall'
  properties: {
    resource: {
      id: 'landfall'
    }
    options: (serverless ? {} : autoscaleOptions)
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [for item in containers: {
  parent: database
  name: item.id
  properties: {
    resource: {
      id: item.id
      partitionKey: {
        kind: 'Hash'
        version: 2
        paths: [
          item.partitionKey
        ]
      }
    }
  }
}]

// Cosmos DB has roles of its own for data; this one ends at the database.
resource appUses 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, appPrincipalId, dataContributor)
  properties: {
    principalId: appPrincipalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database.name}'
  }
}

output endpoint string = account.properties.documentEndpoint
output database string = database.name
