import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { DefaultAzureCredential } from '@azure/identity';
import { publishFactory } from '../../scripts/provision/factory-documents.ts';
import { ROOT, setting } from './environment.ts';

/**
 * Publishes the documents of data-factory/ as whoever is logged in to the factory of this azd environment. Its global
 * parameters and its own identity are infra/modules/data-factory.bicep's.
 */
export function publishToEnvironment(): Promise<void> {
  return publishFactory(ROOT, {
    client: new DataFactoryManagementClient(new DefaultAzureCredential(), setting('AZURE_SUBSCRIPTION_ID')),
    group: setting('AZURE_RESOURCE_GROUP'),
    factory: setting('DATA_FACTORY_NAME'),
    keyVaultUri: setting('KEY_VAULT_URI'),
  });
}
