import { join } from 'node:path';
import { readOptionalJson } from './app-settings.ts';
import { overrideConfig } from './config-overrides.ts';
import { ConfigSection } from './config-section.ts';
import { type DurableConfig, readDurableConfig } from './durable-config.ts';
import { HostSetupError } from './errors.ts';
import { type LogLevels, parseLogLevel } from './log-levels.ts';
import { messageOf } from './logger.ts';
import type { LogLevel } from './rpc-types.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  readonly durable: DurableConfig;
  readonly logLevels: LogLevels;
}

/**
 * Reads host.json of the app. What is absent there has the defaults of the Functions host.
 * @throws HostSetupError when it is no JSON, is of another version, has a value that makes no sense, or names an app
 * setting that does not exist.
 */
export function readHostConfig(appFolder: string): HostConfig {
  const values = readOptionalJson(join(appFolder, 'host.json'));
  if (Object.keys(values).length > 0) {
    requireVersion(values.version);
  }
  const root = new ConfigSection(overrideConfig(values, process.env), '');
  const extensions = root.section('extensions');
  return {
    routePrefix: (extensions.section('http').text('routePrefix') ?? 'api').replace(/^\/+|\/+$/g, ''),
    durable: readDurableConfig(extensions.section('durableTask'), process.env),
    logLevels: readLogLevels(root.section('logging').section('logLevel')),
  };
}

/** Source: Azure/azure-functions-host, `Configuration/HostJsonFileConfigurationSource.cs`. */
function requireVersion(version: unknown): void {
  if (version === undefined) {
    throw new HostSetupError('host.json: there is no version: add "version": "2.0"');
  }
  if (version !== '2.0') {
    throw new HostSetupError(
      `host.json: version ${JSON.stringify(version)} is not known: this host, as Functions 4, takes "2.0"`,
    );
  }
}

function readLogLevels(section: ConfigSection): LogLevels {
  const levels: Record<string, LogLevel> = {};
  for (const category of section.names) {
    try {
      levels[category] = parseLogLevel(section.text(category) ?? 'information');
    } catch (error) {
      throw new HostSetupError(`host.json: logging.logLevel.${category}: ${messageOf(error)}`, error);
    }
  }
  return levels;
}
