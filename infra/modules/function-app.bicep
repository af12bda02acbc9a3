// The app, on Flex Consumption: Node.js, scaled by what there is to do, nothing to pay while nothing lands.
param name string
param location string
param tags object
param nodeVersion string
param identityId string
param identityClientId string
param hostStorageName string
param packageContainerUrl string
param applicationInsightsConnectionString string
param storageAccountName string
param storageBlobEndpoint string
param cosmosEndpoint string
param cosmosDatabase string
param databricksHost string
param databricksWarehouseId string
param databricksCatalog string
param synapseServer string
param synapseDatabase string
param topicEndpoint string
param hostKeysUri string
param authAudience string
param authClientId string
param dataFactoryId string
@description('Workspace and dataset of the semantic model in Power BI; empty: none.')
param powerBiWorkspaceId string
param powerBiDatasetId string
@description('Name of the Analysis Services server; empty: none.')
param analysisServicesServer string

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // azd finds by this tag where the service `app` of azure.yaml goes.
  tags: union(tags, {
    'azd-service-name': 'app'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Who resolves the references to Key Vault in the settings.
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
      }
    }
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
  }
}

// What src/shared/config.ts and the triggers read. Keys and passwords are left away: the app then uses its identity.
resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__accountName: hostStorageName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    // A user-assigned identity is used only by who names it: DefaultAzureCredential reads its name here.
    AZURE_CLIENT_ID: identityClientId
    // The address alone leads to the web app, not to the page that says that a function app is running.
    AzureWebJobsDisableHomepage: 'true'
    // The host keeps its keys in Key Vault, under these names; the app compares function keys itself (decision 8).
    AzureWebJobsSecretStorageType: 'keyvault'
    AzureWebJobsSecretStorageKeyVaultUri: hostKeysUri
    AzureWebJobsSecretStorageKeyVaultClientId: identityClientId
    FUNCTION_KEY: '@Microsoft.KeyVault(SecretUri=${hostKeysUri}secrets/host--functionKey--default)'
    AUTH_ISSUER: empty(authAudience) ? '' : '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    AUTH_AUDIENCE: authAudience
    AUTH_CLIENT_ID: authClientId
    SWEEP_SCHEDULE: '0 */5 * * * *'
    RETRAIN_SCHEDULE: '0 0 5 * * *'
    COPY_SCHEDULE: '0 0 3 * * *'
    STORAGE_ACCOUNT_NAME: storageAccountName
    STORAGE_BLOB_ENDPOINT: storageBlobEndpoint
    COSMOS_ENDPOINT: cosmosEndpoint
    COSMOS_DATABASE: cosmosDatabase
    DATABRICKS_HOST: databricksHost
    DATABRICKS_POLL_MILLISECONDS: '2000'
    DATABRICKS_WAREHOUSE_ID: databricksWarehouseId
    DATABRICKS_CATALOG: databricksCatalog
    SQL_ROW_LIMIT: '10000'
    SQL_BYTE_LIMIT: '16777216'
    SQL_WAIT_SECONDS: '10'
    SQL_TIMEOUT_SECONDS: '120'
    SYNAPSE_SERVER: synapseServer
    SYNAPSE_PORT: '1433'
    SYNAPSE_DATABASE: synapseDatabase
    SYNAPSE_ENCRYPT: 'true'
    EVENT_GRID_TOPIC_ENDPOINT: topicEndpoint
    DATA_FACTORY_ID: dataFactoryId
    DATA_FACTORY_ENDPOINT: environment().resourceManager
    DATA_FACTORY_SCOPE: '${environment().resourceManager}.default'
    DATA_FACTORY_POLL_MILLISECONDS: '5000'
    DATA_FACTORY_SETTLE_SECONDS: '60'
    POWER_BI_ENDPOINT: 'https://api.powerbi.com'
    POWER_BI_WORKSPACE_ID: powerBiWorkspaceId
    POWER_BI_DATASET_ID: powerBiDatasetId
    ANALYSIS_SERVICES_ENDPOINT: 'https://${location}.asazure.windows.net'
    ANALYSIS_SERVICES_SERVER: analysisServicesServer
    ANALYSIS_SERVICES_MODEL: 'Landfall'
    MODEL_REFRESH_TIMEOUT_SECONDS: '3600'
  }
}

// Publishing with user name and password is off; azd publishes with Entra ID.
resource noPasswordForScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource noPasswordForFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
