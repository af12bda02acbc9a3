import { describe, expect, test } from '@jest/globals';
import { overrideConfig } from '../../../../emulators/functions-host/core/config-overrides.ts';
import { ConfigSection } from '../../../../emulators/functions-host/core/config-section.ts';
import { readDurableConfig } from '../../../../emulators/functions-host/core/durable-config.ts';

const read = (settings: unknown, environment: NodeJS.ProcessEnv = {}) =>
  readDurableConfig(new ConfigSection(settings, 'extensions.durableTask'), environment);

describe('the durableTask section of host.json', () => {
  test('has the defaults of the extension', () => {
    expect(read(undefined)).toMatchObject({
      taskHub: 'TestHubName',
      versions: { defaultVersion: null, match: 'CurrentOrOlder', mismatch: 'Reject' },
      limits: { maxActions: 100_000, defaultPollMs: 30_000 },
      maxEntityOperationBatchSize: 50,
      replacesRunning: false,
      remarks: [],
    });
    const scheduler = { hubName: 'my-hub', storageProvider: { type: 'azureManaged' } };
    expect(read(scheduler).taskHub).toBe('my-hub');
    expect(read({}, { WEBSITE_SITE_NAME: 'my-app' }).taskHub).toBe('my-app');
  });

  test('is read in any case, with app settings in the name of the hub', () => {
    const config = read(
      {
        HubName: '%HUB%',
        maxConcurrentActivityFunctions: 3,
        maxConcurrentOrchestratorFunctions: '4',
        MaxConcurrentEntityFunctions: 5,
        overridableExistingInstanceStates: 'anystate',
        versionMatchStrategy: 'strict',
        httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 10 },
        extendedSessionsEnabled: true,
      },
      { HUB: 'Hub1' },
    );
    expect(config).toMatchObject({
      taskHub: 'Hub1',
      maxConcurrentActivities: 3,
      maxConcurrentOrchestrations: 4,
      maxConcurrentEntities: 5,
      replacesRunning: true,
      versions: { match: 'Strict' },
      limits: { defaultPollMs: 10 },
      remarks: [],
    });
  });

  test.each([
    [
      { maxConcurrentActivityFunctions: 0 },
      'maxConcurrentActivityFunctions must be a whole number from 1 on, and is 0',
    ],
    [{ maxConcurrentEntityFunctions: 'many' }, 'maxConcurrentEntityFunctions must be a whole number'],
    [{ versionFailureStrategy: 'Ignore' }, 'versionFailureStrategy must be "Reject" or "Fail", and is "Ignore"'],
    [{ defaultVersion: 2 }, 'defaultVersion must be a text, and is 2'],
    [{ hubName: 'my-hub' }, 'hubName must be a name that Azure Storage takes, 3 to 45 letters and digits'],
    [{ hubName: '%NO_SUCH_SETTING%' }, '%NO_SUCH_SETTING%'],
    [{ httpSettings: 7 }, 'httpSettings must be an object, and is 7'],
    [[], 'extensions.durableTask must be an object'],
  ])('%j is refused', (settings, message) => {
    expect(() => read(settings)).toThrow(message);
  });

  test('says what it does not serve, and what it does not know', () => {
    expect(read({ notifications: {}, maxQueuePollingIntervall: 1, tracing: {} }).remarks).toEqual([
      'host.json: extensions.durableTask: not served by this host: notifications',
      'host.json: extensions.durableTask: unknown settings, which do nothing: maxQueuePollingIntervall',
    ]);
  });
});

test('settings of host.json can be given by the environment, and win', () => {
  const config = { extensions: { durableTask: { defaultVersion: '1.0', hubName: 'hub' } } };
  expect(
    overrideConfig(config, {
      AzureFunctionsJobHost__extensions__durableTask__defaultVersion: '2.0',
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__DURABLETASK__HUBNAME: 'other',
      AzureFunctionsJobHost__extensions__http__routePrefix: 'v1',
      Other__extensions: 'x',
    }),
  ).toEqual({ extensions: { durableTask: { defaultVersion: '2.0', hubName: 'other' }, http: { routePrefix: 'v1' } } });
  expect(config.extensions.durableTask.defaultVersion).toBe('1.0');
});
