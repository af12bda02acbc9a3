import { availableParallelism } from 'node:os';
import type { MessageEncoding } from '../storage/message-encoding.ts';
import type { ConfigSection } from './config-section.ts';

/** `extensions.queues` of host.json. */
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

/** `extensions.blobs` of host.json. */
export interface BlobsConfig {
  readonly maxDegreeOfParallelism: number;
  readonly poisonBlobThreshold: number;
}

/** The most messages that can be fetched at once. */
const largestBatch = 32;

/**
 * Source: "Azure Queue storage trigger and bindings", host.json settings.
 * @throws HostSetupError for a value that makes no sense.
 */
export function readQueuesConfig(queues: ConfigSection): QueuesConfig {
  const batchSize = queues.integer('batchSize', 1, 16);
  if (batchSize > largestBatch) {
    throw queues.fault('batchSize', `at most ${largestBatch}`);
  }
  return {
    batchSize,
    newBatchThreshold: queues.integer('newBatchThreshold', 0, Math.floor(batchSize / 2)),
    maxDequeueCount: queues.integer('maxDequeueCount', 1, 5),
    visibilityTimeoutMs: queues.timeSpan('visibilityTimeout')?.milliseconds ?? 0,
    // The Functions host, too, looks this often while it is run for development.
    maxPollingIntervalMs: Math.max(100, queues.timeSpan('maxPollingInterval')?.milliseconds ?? 2000),
    messageEncoding: queues.choice('messageEncoding', ['base64', 'none'], 'base64'),
  };
}

/**
 * Source: "Azure Blob storage trigger and bindings", host.json settings.
 * @throws HostSetupError for a value that makes no sense.
 */
export function readBlobsConfig(blobs: ConfigSection): BlobsConfig {
  return {
    maxDegreeOfParallelism: blobs.integer('maxDegreeOfParallelism', 1, 8 * availableParallelism()),
    poisonBlobThreshold: blobs.integer('poisonBlobThreshold', 1, 5),
  };
}
