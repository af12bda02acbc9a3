import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { RequestLimits } from '../http/request-limit.ts';
import type { MessageEncoding } from '../storage/message-encoding.ts';
import { readOptionalJson, resolveSettings } from './app-settings.ts';
import { HostSetupError } from './errors.ts';
import { type LogLevels, parseLogLevel } from './log-levels.ts';
import { messageOf } from './logger.ts';
import type { LogLevel } from './rpc-types.ts';
import { parseTimeSpan, type TimeSpan } from './time-span.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  readonly maxEntityOperationBatchSize: number;
  readonly logLevels: LogLevels;
  readonly requestLimits: RequestLimits;
  /** Headers that every answer of an HTTP function gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** How long a call may take; undefined is no limit. */
  readonly functionTimeout: TimeSpan | undefined;
  readonly queues: QueuesConfig;
  readonly blobs: BlobsConfig;
}

/** `extensions.queues`. */
export interface QueuesConfig {
  readonly batchSize: number;
  /** More messages are fetched once so few are in work. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a message waits after a failure. */
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly messageEncoding: MessageEncoding;
}

/** `extensions.blobs`. */
export interface BlobsConfig {
  readonly maxDegreeOfParallelism: number;
  readonly poisonBlobThreshold: number;
}

/** As on a dedicated plan, and with Core Tools. */
const defaultTimeout: TimeSpan = { milliseconds: 30 * 60_000, text: '00:30:00' };

/** A part of host.json, whose values have the types that are asked for, or are absent. */
class Section {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #fault: (message: string) => HostSetupError;

  constructor(values: Readonly<Record<string, unknown>>, path: string, fault: (message: string) => HostSetupError) {
    this.#values = values;
    this.#path = path;
    this.#fault = fault;
  }

  section(name: string): Section {
    const value = this.#read(name, 'an object', (found) => typeof found === 'object' && !Array.isArray(found)) ?? {};
    return new Section(value as Record<string, unknown>, this.#pathOf(name), this.#fault);
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a text', (value) => typeof value === 'string') as string | undefined;
  }

  positiveInteger(name: string): number | undefined {
    const isPositive = (value: unknown) => Number.isInteger(value) && Number(value) > 0;
    return this.#read(name, 'a whole number above 0', isPositive) as number | undefined;
  }

  /** A whole number above 0, or -1 for no limit. */
  limit(name: string): number | undefined {
    return this.#values[name] === -1 ? undefined : this.positiveInteger(name);
  }

  timeSpan(name: string): TimeSpan | undefined {
    const text = this.#read(
      name,
      'a time span such as "00:05:00"',
      (value) => parseTimeSpan(String(value)) !== undefined,
    );
    return text === undefined ? undefined : parseTimeSpan(String(text));
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const find = (value: unknown) => choices.find((choice) => choice === String(value).toLowerCase());
    return find(
      this.#read(name, choices.map((choice) => `"${choice}"`).join(' or '), (value) => find(value) !== undefined),
    );
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  #read(name: string, type: string, fits: (value: unknown) => boolean): unknown {
    const value = this.#values[name];
    if (value === undefined || value === null) {
      return undefined;
    }
    if (!fits(value)) {
      throw this.#fault(`"${this.#pathOf(name)}" must be ${type}, and is ${JSON.stringify(value)}`);
    }
    return value;
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

/**
 * Reads host.json of the app. What is absent there has the defaults of the Functions host.
 * @throws HostSetupError when it is no JSON, of another version, has a value of a wrong type, or names an app setting
 * that does not exist.
 */
export function readHostConfig(appFolder: string): HostConfig {
  const path = join(appFolder, 'host.json');
  const fault = (message: string) => new HostSetupError(`${path}: ${message}`);
  const values = readOptionalJson(path);
  const root = new Section(values, '', fault);
  requireVersion(values, fault);
  const extensions = root.section('extensions');
  const durable = extensions.section('durableTask');
  const hub = durable.text('hubName');
  return {
    routePrefix: (extensions.section('http').text('routePrefix') ?? 'api').replace(/^\/+|\/+$/g, ''),
    taskHub: hub === undefined ? 'TestHubName' : resolveSettings(hub, process.env),
    maxConcurrentActivities: durable.positiveInteger('maxConcurrentActivityFunctions') ?? 10 * availableParallelism(),
    maxEntityOperationBatchSize: durable.positiveInteger('maxEntityOperationBatchSize') ?? 50,
    logLevels: logLevels(root.section('logging').section('logLevel'), fault),
    requestLimits: {
      concurrent: extensions.section('http').limit('maxConcurrentRequests'),
      outstanding: extensions.section('http').limit('maxOutstandingRequests'),
    },
    customHeaders: headersOf(extensions.section('http').section('customHeaders')),
    functionTimeout: values.functionTimeout === '-1' ? undefined : (root.timeSpan('functionTimeout') ?? defaultTimeout),
    queues: queuesOf(extensions.section('queues')),
    blobs: blobsOf(extensions.section('blobs')),
  };
}

/** Source: "Azure Queue storage trigger and bindings", host.json settings. */
function queuesOf(queues: Section): QueuesConfig {
  const batchSize = Math.min(queues.positiveInteger('batchSize') ?? 16, 32);
  return {
    batchSize,
    newBatchThreshold: queues.positiveInteger('newBatchThreshold') ?? Math.floor(batchSize / 2),
    maxDequeueCount: queues.positiveInteger('maxDequeueCount') ?? 5,
    visibilityTimeoutMs: queues.timeSpan('visibilityTimeout')?.milliseconds ?? 0,
    // The Functions host, too, looks this often while it is run for development.
    maxPollingIntervalMs: Math.max(100, queues.timeSpan('maxPollingInterval')?.milliseconds ?? 2000),
    messageEncoding: queues.choice('messageEncoding', ['base64', 'none']) ?? 'base64',
  };
}

/** Source: "Azure Blob storage trigger and bindings", host.json settings. */
function blobsOf(blobs: Section): BlobsConfig {
  return {
    maxDegreeOfParallelism: blobs.positiveInteger('maxDegreeOfParallelism') ?? 8 * availableParallelism(),
    poisonBlobThreshold: blobs.positiveInteger('poisonBlobThreshold') ?? 5,
  };
}

function headersOf(section: Section): Readonly<Record<string, string>> {
  return Object.fromEntries(section.names().map((name) => [name, section.text(name) ?? '']));
}

/** Source: Azure/azure-functions-host, `Configuration/HostJsonFileConfigurationSource.cs`. */
function requireVersion(values: Readonly<Record<string, unknown>>, fault: (message: string) => HostSetupError): void {
  const { version } = values;
  if (Object.keys(values).length > 0 && version === undefined) {
    throw fault('there is no "version": add "version": "2.0"');
  }
  if (version !== undefined && version !== '2.0') {
    throw fault(`version ${JSON.stringify(version)} is not known: this host, as Functions 4, takes "2.0"`);
  }
}

function logLevels(section: Section, fault: (message: string) => HostSetupError): LogLevels {
  const levels: Record<string, LogLevel> = {};
  for (const category of section.names()) {
    const text = section.text(category);
    try {
      levels[category] = parseLogLevel(text ?? 'information');
    } catch (error) {
      throw fault(`"logging.logLevel.${category}": ${messageOf(error)}`);
    }
  }
  return levels;
}
