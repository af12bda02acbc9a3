import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/shared/config.ts';

const IN_AZURE = {
  STORAGE_ACCOUNT_NAME: 'landfall',
  STORAGE_BLOB_ENDPOINT: 'https://landfall.blob.core.windows.net/',
  COSMOS_ENDPOINT: 'https://landfall.documents.azure.com',
  DATABRICKS_HOST: 'https://adb-1.azuredatabricks.net',
  SYNAPSE_SERVER: 'landfall.sql.azuresynapse.net',
  SYNAPSE_DATABASE: 'dw',
  EVENT_GRID_TOPIC_ENDPOINT: 'https://landfall.westeurope-1.eventgrid.azure.net/api/events',
};

describe('the configuration', () => {
  test('without keys means managed identity everywhere', () => {
    const config = readConfig(IN_AZURE);
    expect([
      config.storage.accountKey,
      config.cosmos.key,
      config.databricks.token,
      config.synapse.login,
      config.topic.key,
      config.dataFactory.token,
    ]).toEqual(Array.from({ length: 6 }, () => undefined));
    expect(config.synapse.encrypt).toBe(true);
    expect(config.storage.blobEndpoint).toBe('https://landfall.blob.core.windows.net');
  });

  test.each(Object.keys(IN_AZURE))('without %s is refused by that name', (name) => {
    expect(() => readConfig({ ...IN_AZURE, [name]: undefined })).toThrow(name);
  });

  test('with an endpoint that is no URL is refused by name', () => {
    expect(() => readConfig({ ...IN_AZURE, COSMOS_ENDPOINT: 'landfall' })).toThrow(/COSMOS_ENDPOINT must be a URL/);
  });

  test('limits ad hoc SQL, keeps the wait within what the service takes, and has no warehouse unless told', () => {
    expect(readConfig({ ...IN_AZURE, SQL_WAIT_SECONDS: '90' }).sql).toEqual({
      catalog: 'main',
      rows: 10_000,
      bytes: 16 * 1024 * 1024,
      waitSeconds: 50,
      timeoutSeconds: 120,
    });
  });

  test('takes tokens only of an issuer and for an audience, and a key only where there is one', () => {
    expect(readConfig(IN_AZURE).auth).toEqual({});
    expect(readConfig({ ...IN_AZURE, AUTH_ISSUER: '', AUTH_AUDIENCE: '', AUTH_CLIENT_ID: '' }).auth).toEqual({});
    const auth = { AUTH_ISSUER: 'https://login.example/t/v2.0', AUTH_AUDIENCE: 'api', AUTH_CLIENT_ID: 'web' };
    expect(readConfig({ ...IN_AZURE, ...auth, FUNCTION_KEY: 'key' }).auth).toEqual({
      tokens: { issuer: 'https://login.example/t/v2.0', audience: 'api' },
      clientId: 'web',
      functionKey: 'key',
    });
    expect(() => readConfig({ ...IN_AZURE, AUTH_ISSUER: auth.AUTH_ISSUER })).toThrow(/AUTH_AUDIENCE is missing/);
  });

  test('takes a reference to Key Vault that was not resolved for no key', () => {
    const FUNCTION_KEY = '@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/host--functionKey--default)';
    expect(readConfig({ ...IN_AZURE, FUNCTION_KEY }).auth).toEqual({});
  });

  test('has a data factory when it is told which, on the endpoint of public Azure unless told another', () => {
    expect(readConfig(IN_AZURE).dataFactory).toEqual({
      endpoint: 'https://management.azure.com',
      scope: 'https://management.azure.com/.default',
      pollMilliseconds: 5000,
      settleSeconds: 60,
    });
    const id = '/subscriptions/s-1/resourceGroups/rg-1/providers/Microsoft.DataFactory/factories/adf-1';
    const cloud = { DATA_FACTORY_ENDPOINT: 'https://management.chinacloudapi.cn/' };
    expect(readConfig({ ...IN_AZURE, ...cloud, DATA_FACTORY_ID: id }).dataFactory).toMatchObject({
      factory: { subscription: 's-1', group: 'rg-1', name: 'adf-1' },
      endpoint: 'https://management.chinacloudapi.cn',
    });
    expect(() => readConfig({ ...IN_AZURE, DATA_FACTORY_ID: 'adf-1' })).toThrow(
      /DATA_FACTORY_ID must be the resource id/,
    );
  });

  test('has the semantic model in the services that are named, and in no other', () => {
    expect(readConfig(IN_AZURE).semanticModel).toEqual({ refreshTimeoutSeconds: 3600 });
    const none = { POWER_BI_DATASET_ID: '', ANALYSIS_SERVICES_SERVER: '' };
    expect(readConfig({ ...IN_AZURE, ...none }).semanticModel).toEqual({ refreshTimeoutSeconds: 3600 });
    const powerBi = {
      POWER_BI_ENDPOINT: 'https://api.powerbi.com/',
      POWER_BI_WORKSPACE_ID: 'w',
      POWER_BI_DATASET_ID: 'd',
    };
    expect(readConfig({ ...IN_AZURE, ...powerBi }).semanticModel.powerBi).toEqual({
      endpoint: 'https://api.powerbi.com',
      workspaceId: 'w',
      datasetId: 'd',
    });
    expect(() => readConfig({ ...IN_AZURE, POWER_BI_DATASET_ID: 'd' })).toThrow('POWER_BI_ENDPOINT');
    expect(() => readConfig({ ...IN_AZURE, ANALYSIS_SERVICES_SERVER: 's' })).toThrow('ANALYSIS_SERVICES_ENDPOINT');
  });

  test('sends traces where it is told, with the identity where Application Insights asks for it', () => {
    expect(readConfig(IN_AZURE).telemetry).toEqual({ withIdentity: false });
    const settings = {
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1',
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=2;Authorization=AAD',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/',
    };
    expect(readConfig({ ...IN_AZURE, ...settings }).telemetry).toEqual({
      connectionString: 'InstrumentationKey=1',
      withIdentity: true,
      otlpEndpoint: 'http://127.0.0.1:4318',
    });
  });

  test('of local.settings.json is complete', () => {
    const { Values } = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'local.settings.json'), 'utf8'),
    ) as { Values: Record<string, string> };
    expect(readConfig(Values).synapse.login?.user).toBe('landfall');
    expect(Values.FUNCTIONS_WORKER_RUNTIME).toBe('node');
  });
});
