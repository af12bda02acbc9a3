import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { OPERATIONS_DATABASE, type Ports, ROOT, type Settings } from '../stack/endpoints.ts';
import { publishFactory } from './factory-documents.ts';

/** The certificate of the authority that the clients of a local factory must trust. */
export function factoryAuthority(stateFolder: string): string {
  return join(stateFolder, 'data-factory', 'ca.pem');
}

/** Microsoft's client of a stack's factory, with the names of the factory and its resource group. */
export function connectFactory(settings: Settings, stateFolder: string) {
  const [, subscription = '', , group = '', , , , factory = ''] = (settings.DATA_FACTORY_ID ?? '').split('/').slice(1);
  const token = settings.DATA_FACTORY_TOKEN ?? '';
  const client = new DataFactoryManagementClient(
    { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    subscription,
    {
      endpoint: settings.DATA_FACTORY_ENDPOINT ?? '',
      credentialScopes: 'https://management.azure.com/.default',
      tlsOptions: { ca: readFileSync(factoryAuthority(stateFolder)) },
    },
  );
  return { client, group, factory };
}

/** Makes the factory with this machine's global parameters, and publishes the documents of data-factory/ in it. */
export async function provisionDataFactory(settings: Settings, ports: Ports, stateFolder: string): Promise<void> {
  const { client, group, factory } = connectFactory(settings, stateFolder);
  const globals = {
    operationsServer: `127.0.0.1,${ports.synapse}`,
    operationsDatabase: OPERATIONS_DATABASE,
    operationsUser: settings.SYNAPSE_USER ?? '',
    operationsEncrypt: 'false',
    landingUrl: settings.STORAGE_BLOB_ENDPOINT ?? '',
    httpSourceUrl: 'https://example.com',
  };
  await client.factories.createOrUpdate(group, factory, {
    location: 'local',
    globalParameters: Object.fromEntries(
      Object.entries(globals).map(([name, value]) => [name, { type: 'String' as const, value }]),
    ),
  });
  await publishFactory(ROOT, { client, group, factory, keyVaultUri: 'https://local.vault.azure.net/' });
}
