// Analysis Services for semantic-model/analysis-services/model.bim, where clients of its own protocol are wanted.
param name string
param location string
param tags object

@description('User principal name of its administrator.')
param administratorName string
@description('Client id of the app: only an administrator of the server may ask for a refresh.')
param appClientId string
param size string = 'B1'

resource server 'Microsoft.AnalysisServices/servers@2017-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: size
  }
  properties: {
    asAdministrators: {
      members: [
        administratorName
        'app:${appClientId}@${tenant().tenantId}'
      ]
    }
  }
}

output server string = server.properties.serverFullName
