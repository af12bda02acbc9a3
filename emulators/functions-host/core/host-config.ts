import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { MessageEncoding } from '../storage/message-encoding.ts';
import { readOptionalJson, resolveSettings } from './app-settings.ts';
import { HostSetupError } from './errors.ts';
import { parseTimeSpan, type TimeSpan } from './time-span.ts';

/** What the host heeds of host.json. */
export interface HostConfig {
  /** What the path of every HTTP function starts with, without slashes; may be empty. */
  readonly routePrefix: string;
  /** Headers that every answer of an HTTP function gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** How long a call may take; undefined is no limit. */
  readonly functionTimeout: TimeSpan | undefined;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  readonly maxEntityOperationBatchSize: number;
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
const defaultTimeout = '00:30:00';

/** A part of host.json, with the way to it for messages. */
class Section {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  value(name: string): unknown {
    const isObject = typeof this.#value === 'object' && this.#value !== null;
    return isObject ? (this.#value as Readonly<Record<string, unknown>>)[name] : undefined;
  }

  section(name: string): Section {
    return new Section(this.value(name), this.#pathTo(name));
  }

  /** @throws HostSetupError when it is there and not between `low` and `high`. */
  integer(name: string, low: number, high: number, fallback: number): number {
    const value = this.value(name) ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
      throw this.#wrong(
        name,
        `a whole number ${high === Number.POSITIVE_INFINITY ? `from ${low} on` : `from ${low} to ${high}`}`,
      );
    }
    return value;
  }

  /** @throws HostSetupError when it is there and no time span. */
  milliseconds(name: string, fallback: number): number {
    const value = this.value(name);
    return value === undefined ? fallback : this.timeSpan(name, '').milliseconds;
  }

  /** @throws HostSetupError when it is no time span. */
  timeSpan(name: string, fallback: string): TimeSpan {
    const span = parseTimeSpan(String(this.value(name) ?? fallback));
    if (span === undefined) {
      throw this.#wrong(name, 'a time span such as "00:05:00"');
    }
    return span;
  }

  /** @throws HostSetupError when it is there and none of `choices`. */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = String(this.value(name) ?? fallback).toLowerCase();
    const found = choices.find((choice) => choice.toLowerCase() === value);
    if (found === undefined) {
      throw this.#wrong(name, choices.map((choice) => `"${choice}"`).join(' or '));
    }
    return found;
  }

  #pathTo(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, expected: string): HostSetupError {
    return new HostSetupError(
      `host.json: ${this.#pathTo(name)} must be ${expected}, and is ${JSON.stringify(this.value(name))}`,
    );
  }
}

/**
 * Reads host.json of the app. What is absent there has the defaults of the Functions host.
 * Source: "host.json reference for Azure Functions 2.x and later".
 * @throws HostSetupError when it is no JSON, has a value that makes no sense, or names an app setting that does not exist.
 */
export function readHostConfig(appFolder: string): HostConfig {
  const root = new Section(readOptionalJson(join(appFolder, 'host.json')), '');
  const extensions = root.section('extensions');
  const durable = extensions.section('durableTask');
  const http = extensions.section('http');
  const prefix = http.value('routePrefix');
  const hub = durable.value('hubName');
  return {
    routePrefix: (typeof prefix === 'string' ? prefix : 'api').replace(/^\/+|\/+$/g, ''),
    customHeaders: textsOf(http.value('customHeaders')),
    functionTimeout:
      String(root.value('functionTimeout')) === '-1' ? undefined : root.timeSpan('functionTimeout', defaultTimeout),
    taskHub: typeof hub === 'string' ? resolveSettings(hub, process.env) : 'TestHubName',
    maxConcurrentActivities: durable.integer(
      'maxConcurrentActivityFunctions',
      1,
      Number.POSITIVE_INFINITY,
      10 * availableParallelism(),
    ),
    maxEntityOperationBatchSize: durable.integer('maxEntityOperationBatchSize', 1, Number.POSITIVE_INFINITY, 50),
    queues: readQueues(extensions.section('queues')),
    blobs: {
      maxDegreeOfParallelism: extensions
        .section('blobs')
        .integer('maxDegreeOfParallelism', 1, Number.POSITIVE_INFINITY, 8 * availableParallelism()),
      poisonBlobThreshold: extensions.section('blobs').integer('poisonBlobThreshold', 1, Number.POSITIVE_INFINITY, 5),
    },
  };
}

function readQueues(queues: Section): QueuesConfig {
  const batchSize = queues.integer('batchSize', 1, 32, 16);
  return {
    batchSize,
    newBatchThreshold: queues.integer('newBatchThreshold', 0, 1000, Math.floor(batchSize / 2)),
    maxDequeueCount: queues.integer('maxDequeueCount', 1, Number.POSITIVE_INFINITY, 5),
    visibilityTimeoutMs: queues.milliseconds('visibilityTimeout', 0),
    // The Functions host, too, looks this often while it is run for development.
    maxPollingIntervalMs: Math.max(100, queues.milliseconds('maxPollingInterval', 2000)),
    messageEncoding: queues.choice('messageEncoding', ['base64', 'none'], 'base64'),
  };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]));
}
