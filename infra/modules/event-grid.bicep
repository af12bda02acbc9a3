// Two topics: the storage account's own, whose events start everything, and `landfall`, on which the app announces what
// it published. The subscription of file-arrived is in event-subscription.bicep: it needs the function to be there.
param location string
param tags object
param storageAccountName string
param workspaceId string
param appPrincipalId string

var eventGridDataSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource arrivals 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: 'landfall-arrivals'
  location: location
  tags: tags
  // Its identity writes the dead letters, since the account takes no keys.
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

module arrivalsWriteDeadLetters 'container-role.bicep' = {
  name: 'arrivals-write-dead-letters'
  params: {
    storageAccountName: storageAccountName
    containerName: 'dead-letters'
    principalId: arrivals.identity.principalId
    roleId: blobDataContributor
  }
}

resource landfall 'Microsoft.EventGrid/topics@2022-06-15' = {
  name: 'landfall'
  location: location
  tags: tags
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

resource appAnnounces 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(landfall.id, appPrincipalId, eventGridDataSender)
  scope: landfall
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', eventGridDataSender)
  }
}

resource deliveryFailures 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'delivery-failures'
  scope: arrivals
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'DeliveryFailures'
        enabled: true
      }
    ]
  }
}

output systemTopicName string = arrivals.name
output topicEndpoint string = landfall.properties.endpoint
