import { availableParallelism } from 'node:os';
import type { VersionSettings } from '../engine/versions.ts';
import type { OrchestrationLimits } from '../protocol-v3/orchestration-runner.ts';
import { resolveSettings } from './app-settings.ts';
import type { ConfigSection } from './config-section.ts';

/** `extensions.durableTask` of host.json, as far as this host heeds it. */
export interface DurableConfig {
  readonly taskHub: string;
  readonly versions: VersionSettings;
  readonly limits: OrchestrationLimits;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrations: number;
  readonly maxConcurrentEntities: number;
  readonly maxEntityOperationBatchSize: number;
  /** Whether a new instance may take the place of one of the same id that is not over. */
  readonly replacesRunning: boolean;
  /** What is there and does nothing here, in words for the log. */
  readonly remarks: readonly string[];
}

const heeded = [
  'hubName',
  'defaultVersion',
  'versionMatchStrategy',
  'versionFailureStrategy',
  'maxConcurrentActivityFunctions',
  'maxConcurrentOrchestratorFunctions',
  'maxConcurrentEntityFunctions',
  'maxEntityOperationBatchSize',
  'maxOrchestrationActions',
  'overridableExistingInstanceStates',
  'httpSettings',
];

/** Settings that tune what this host does not have: they change how Azure stores, polls and traces, and no result. */
const withoutEffect = [
  'storageProvider',
  'tracing',
  'extendedSessionsEnabled',
  'extendedSessionIdleTimeoutInSeconds',
  'useGracefulShutdown',
  'useAppLease',
  'appLeaseOptions',
  'entityMessageReorderWindowInMinutes',
  'localRpcEndpointEnabled',
  'maxGrpcMessageSizeInBytes',
  'grpcHttpClientTimeout',
  'storeInputsInOrchestrationHistory',
  'rollbackEntityOperationsOnExceptions',
  'throwStatusExceptionsOnRaiseEvent',
];

/** Settings that a user would miss. */
const unserved = ['notifications'];

/**
 * Source: Azure/azure-functions-durable-extension, `Options/DurableTaskOptions.cs`, and "Durable Functions settings in
 * host.json".
 * @throws HostSetupError for a value that makes no sense, or a hub name that names an app setting that does not exist.
 */
export function readDurableConfig(section: ConfigSection, environment: NodeJS.ProcessEnv): DurableConfig {
  const perProcessor = 10 * availableParallelism();
  const http = section.section('httpSettings');
  return {
    taskHub: taskHubOf(section, environment),
    versions: {
      defaultVersion: section.text('defaultVersion') ?? null,
      match: section.choice('versionMatchStrategy', ['None', 'Strict', 'CurrentOrOlder'], 'CurrentOrOlder'),
      mismatch: section.choice('versionFailureStrategy', ['Reject', 'Fail'], 'Reject'),
    },
    limits: {
      maxActions: section.integer('maxOrchestrationActions', 1, 100_000),
      defaultPollMs: http.integer('defaultAsyncRequestSleepTimeMilliseconds', 1, 30_000),
    },
    maxConcurrentActivities: section.integer('maxConcurrentActivityFunctions', 1, perProcessor),
    maxConcurrentOrchestrations: section.integer('maxConcurrentOrchestratorFunctions', 1, perProcessor),
    maxConcurrentEntities: section.integer('maxConcurrentEntityFunctions', 1, perProcessor),
    maxEntityOperationBatchSize: section.integer('maxEntityOperationBatchSize', 1, 50),
    replacesRunning:
      section.choice('overridableExistingInstanceStates', ['NonRunningStates', 'AnyState'], 'NonRunningStates') ===
      'AnyState',
    remarks: remarksOn(section.names),
  };
}

function taskHubOf(section: ConfigSection, environment: NodeJS.ProcessEnv): string {
  const given = section.text('hubName');
  const hub = resolveSettings(given ?? environment.WEBSITE_SITE_NAME ?? 'TestHubName', environment);
  const provider = section.section('storageProvider').text('type') ?? 'AzureStorage';
  const isOfStorage = provider.toLowerCase() === 'azurestorage';
  if (given !== undefined && isOfStorage && !/^[a-z][a-z0-9]{2,44}$/i.test(hub)) {
    throw section.fault('hubName', 'a name that Azure Storage takes, 3 to 45 letters and digits with a letter first');
  }
  return hub;
}

function remarksOn(names: readonly string[]): string[] {
  const isIn = (list: readonly string[]) => (name: string) =>
    list.some((other) => other.toLowerCase() === name.toLowerCase());
  const known = [...heeded, ...withoutEffect, ...unserved];
  const remark = (found: readonly string[], what: string) =>
    found.length === 0 ? [] : [`host.json: extensions.durableTask: ${what}: ${found.join(', ')}`];
  return [
    ...remark(names.filter(isIn(unserved)), 'not served by this host'),
    ...remark(
      names.filter((name) => !isIn(known)(name)),
      'unknown settings, which do nothing',
    ),
  ];
}
