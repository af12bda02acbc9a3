import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readOptionalJson, resolveSettings } from './app-settings.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  readonly maxEntityOperationBatchSize: number;
}

function child(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function positiveInteger(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : fallback;
}

/**
 * Reads host.json of the app. What is absent there has the defaults of the Functions host.
 * @throws HostSetupError when it is no JSON, or names an app setting that does not exist.
 */
export function readHostConfig(appFolder: string): HostConfig {
  const extensions = child(readOptionalJson(join(appFolder, 'host.json')), 'extensions');
  const durable = child(extensions, 'durableTask');
  const prefix = child(child(extensions, 'http'), 'routePrefix');
  const hub = child(durable, 'hubName');
  return {
    routePrefix: (typeof prefix === 'string' ? prefix : 'api').replace(/^\/+|\/+$/g, ''),
    taskHub: typeof hub === 'string' ? resolveSettings(hub, process.env) : 'TestHubName',
    maxConcurrentActivities: positiveInteger(
      child(durable, 'maxConcurrentActivityFunctions'),
      10 * availableParallelism(),
    ),
    maxEntityOperationBatchSize: positiveInteger(child(durable, 'maxEntityOperationBatchSize'), 50),
  };
}
