import { join } from 'node:path';
import { readOptionalJson } from './app-settings.ts';
import { overrideConfig } from './config-overrides.ts';
import { ConfigSection } from './config-section.ts';
import { type DurableConfig, readDurableConfig } from './durable-config.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  readonly durable: DurableConfig;
}

function child(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Reads host.json of the app. What is absent there has the defaults of the Functions host.
 * @throws HostSetupError when it is no JSON, has a value that makes no sense, or names an app setting that does not exist.
 */
export function readHostConfig(appFolder: string): HostConfig {
  const extensions = child(overrideConfig(readOptionalJson(join(appFolder, 'host.json')), process.env), 'extensions');
  const prefix = child(child(extensions, 'http'), 'routePrefix');
  return {
    routePrefix: (typeof prefix === 'string' ? prefix : 'api').replace(/^\/+|\/+$/g, ''),
    durable: readDurableConfig(
      new ConfigSection(child(extensions, 'durableTask'), 'extensions.durableTask'),
      process.env,
    ),
  };
}
