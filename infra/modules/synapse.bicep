// Synapse: a workspace and its dedicated SQL pool. What the app may do in the pool is T-SQL's to say:
// infra/hooks/migrate-warehouse.ts makes its user.
param name string
param location string
param tags object
param storageAccountName string
param administratorObjectId string
param administratorName string
param deployerIpAddress string
param poolSize string

// COPY INTO only reads here, but Microsoft names this as the least that a managed identity needs for it.
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource workspace 'Microsoft.Synapse/workspaces@2021-06-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    // The service wants a name; with Entra ID alone nobody can log in by it, and it gets no password.
    sqlAdministratorLogin: 'unused'
    azureADOnlyAuthentication: true
    defaultDataLakeStorage: {
      accountUrl: account.properties.primaryEndpoints.dfs
      filesystem: 'lake'
      resourceId: account.id
    }
    cspWorkspaceAdminProperties: {
      initialWorkspaceAdminObjectId: administratorObjectId
    }
    publicNetworkAccess: 'Enabled'
    trustedServiceBypassEnabled: true
  }
}

resource administrator 'Microsoft.Synapse/workspaces/administrators@2021-06-01' = {
  parent: workspace
  name: 'activeDirectory'
  properties: {
    administratorType: 'ActiveDirectory'
    login: administratorName
    sid: administratorObjectId
    tenantId: tenant().tenantId
  }
}

resource tls 'Microsoft.Synapse/workspaces/dedicatedSQLminimalTlsSettings@2021-06-01' = {
  parent: workspace
  name: 'default'
  properties: {
    minimalTlsVersion: '1.2'
  }
}

// Flex Consumption has no addresses of its own without a virtual network: this rule admits addresses of Azure, and
// Entra ID decides who gets in.
resource azureMayConnect 'Microsoft.Synapse/workspaces/firewallRules@2021-06-01' = {
  parent: workspace
  name: 'AllowAllWindowsAzureIps'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

resource deployerMayConnect 'Microsoft.Synapse/workspaces/firewallRules@2021-06-01' = if (!empty(deployerIpAddress)) {
  parent: workspace
  name: 'deployer'
  properties: {
    startIpAddress: deployerIpAddress
    endIpAddress: deployerIpAddress
  }
}

resource pool 'Microsoft.Synapse/workspaces/sqlPools@2021-06-01' = {
  parent: workspace
  name: 'landfall'
  location: location
  tags: tags
  sku: {
    name: poolSize
  }
  properties: {
    createMode: 'Default'
  }
}

// COPY INTO reads staged Parquet as the workspace's identity.
module warehouseLoadsFromLake 'container-role.bicep' = {
  name: 'warehouse-loads-from-lake'
  params: {
    storageAccountName: storageAccountName
    containerName: 'lake'
    principalId: workspace.identity.principalId
    roleId: blobDataContributor
  }
}

output server string = workspace.properties.connectivityEndpoints.sql
output database string = pool.name
