import { join } from 'node:path';
import type { RequestLimits } from '../http/request-limit.ts';
import { readOptionalJson } from './app-settings.ts';
import { overrideConfig } from './config-overrides.ts';
import { ConfigSection } from './config-section.ts';
import { type DurableConfig, readDurableConfig } from './durable-config.ts';
import { HostSetupError } from './errors.ts';
import { type LogLevels, parseLogLevel } from './log-levels.ts';
import { messageOf } from './logger.ts';
import type { LogLevel } from './rpc-types.ts';
import { type BlobsConfig, type QueuesConfig, readBlobsConfig, readQueuesConfig } from './storage-config.ts';
import type { TimeSpan } from './time-span.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  readonly durable: DurableConfig;
  readonly logLevels: LogLevels;
  readonly requestLimits: RequestLimits;
  /** Headers that every answer of an HTTP function gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** How long a call may take; undefined is no limit. */
  readonly functionTimeout: TimeSpan | undefined;
  readonly queues: QueuesConfig;
  readonly blobs: BlobsConfig;
}

/** As on a dedicated plan, and with Core Tools. */
const defaultTimeout: TimeSpan = { milliseconds: 30 * 60_000, text: '00:30:00' };

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
  const http = extensions.section('http');
  return {
    routePrefix: (http.text('routePrefix') ?? 'api').replace(/^\/+|\/+$/g, ''),
    durable: readDurableConfig(extensions.section('durableTask'), process.env),
    logLevels: readLogLevels(root.section('logging').section('logLevel')),
    requestLimits: {
      concurrent: http.limit('maxConcurrentRequests'),
      outstanding: http.limit('maxOutstandingRequests'),
    },
    customHeaders: readHeaders(http.section('customHeaders')),
    functionTimeout:
      String(root.value('functionTimeout')) === '-1' ? undefined : (root.timeSpan('functionTimeout') ?? defaultTimeout),
    queues: readQueuesConfig(extensions.section('queues')),
    blobs: readBlobsConfig(extensions.section('blobs')),
  };
}

function readHeaders(section: ConfigSection): Readonly<Record<string, string>> {
  return Object.fromEntries(section.names.map((name) => [name, section.text(name) ?? '']));
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
