// Values of an environment: azd's own, then those that `azd env set NAME value` gives.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'landfall')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerObjectId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param deployerName = readEnvironmentVariable('DEPLOYER_NAME', 'deployer')
param deployerIpAddress = readEnvironmentVariable('DEPLOYER_IP_ADDRESS', '')
param cosmosCapacity = readEnvironmentVariable('COSMOS_CAPACITY', 'serverless')
param sqlPoolSize = readEnvironmentVariable('SQL_POOL_SIZE', 'DW100c')
param nodeVersion = readEnvironmentVariable('NODE_VERSION', '22')
param databricksWarehouseId = readEnvironmentVariable('DATABRICKS_WAREHOUSE_ID', '')
param databricksCatalog = readEnvironmentVariable('DATABRICKS_CATALOG', 'main')
param operationsServer = readEnvironmentVariable('OPERATIONS_SERVER', '')
param operationsDatabase = readEnvironmentVariable('OPERATIONS_DATABASE', 'operations')
param operationsUser = readEnvironmentVariable('OPERATIONS_USER', 'data_factory')
param httpSourceUrl = readEnvironmentVariable('HTTP_SOURCE_URL', 'https://example.com')
param deployAnalysisServices = bool(readEnvironmentVariable('DEPLOY_ANALYSIS_SERVICES', 'false'))
