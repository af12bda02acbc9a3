import { blobReference, blobValue } from '../bindings/blob-binding.ts';
import { type BlobPathPattern, parseBlobPathPattern, splitBlobPath } from '../bindings/blob-path.ts';
import { withSettings } from '../bindings/function-bindings.ts';
import { requiredText } from '../bindings/required-text.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import type { RpcTypedData } from '../core/rpc-types.ts';
import type { BlobsConfig, QueuesConfig } from '../core/storage-config.ts';
import type { TriggerState } from '../core/trigger-state.ts';
import { BlobClient, type BlobProperties } from '../storage/blob-client.ts';
import { encodeMessage } from '../storage/message-encoding.ts';
import { QueueClient } from '../storage/queue-client.ts';
import { type StorageAccount, storageAccount } from '../storage/storage-account.ts';
import { blobTriggerInfo } from './blob-trigger-info.ts';
import { type BlobWork, BlobWorkStore } from './blob-work-store.ts';
import { createdBlob } from './created-blob.ts';
import type { TriggerListener, WriteNotices } from './listener.ts';
import { PollWait } from './poll-wait.ts';

export interface BlobTriggerPorts {
  readonly state: TriggerState;
  readonly invoker: Invoker;
  readonly logger: Logger;
  readonly blobs: BlobsConfig;
  readonly queues: QueuesConfig;
  readonly notices: WriteNotices;
}

interface FoundBlob extends BlobProperties {
  readonly value: RpcTypedData;
}

const poisonQueue = 'webjobs-blobtrigger-poison';
const scanIntervalMs = 2000;
/** A container that takes long to list is listed more rarely: a tenth of the time at most. */
const scanRestFactor = 9;
const troubleWaitMs = 5000;

/**
 * Calls a function with each version of each blob of a container whose name matches: found by listing it, or announced by
 * Event Grid.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Storage.Blobs/src/Listeners`.
 */
export class BlobTrigger implements TriggerListener {
  readonly target: RegisteredFunction;
  readonly accept: ((events: readonly unknown[]) => void) | undefined;
  readonly #ports: BlobTriggerPorts;
  readonly #account: StorageAccount;
  readonly #client: BlobClient;
  readonly #path: BlobPathPattern;
  readonly #store: BlobWorkStore;
  readonly #running = new Map<number, Promise<void>>();
  readonly #wait = new PollWait();
  #trouble: NodeJS.Timeout | undefined;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #lastTrouble = '';

  /** @throws HostSetupError or RangeError for a binding that cannot be used. */
  constructor(target: RegisteredFunction, ports: BlobTriggerPorts) {
    const binding = withSettings(target.trigger, process.env);
    this.target = target;
    this.#ports = ports;
    this.#account = storageAccount(binding.connection, process.env);
    this.#client = new BlobClient(this.#account);
    this.#path = parseBlobPathPattern(requiredText(binding, 'path'));
    const isAnnounced = String(binding.source).toLowerCase() === 'eventgrid';
    this.accept = isAnnounced ? (events) => this.#accept(events) : undefined;
    const source = `${this.#account.name}/${this.#path.container}`;
    this.#store = new BlobWorkStore(ports.state, target.name, source);
    ports.notices.subscribe('blob', this.#path.container, () => this.#wait.wake());
  }

  start(): void {
    this.#pump();
    this.#loop = this.accept === undefined ? this.#scan() : undefined;
  }

  /** Calls that have not ended then are made again at the next start. */
  async stop(patience: Promise<void>): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#trouble);
    this.#wait.wake();
    await Promise.race([Promise.all([this.#loop, ...this.#running.values()]), patience]);
  }

  /** @param input the path of a blob, `container/name`. */
  async run(input: string | null): Promise<unknown> {
    const { container, name } = splitBlobPath(input ?? '');
    const blob = await this.#read(container, name);
    if (blob === undefined) {
      throw new Error(`there is no blob "${input}"`);
    }
    return this.#invoke(container, name, blob);
  }

  /** Takes up the blobs that events of Event Grid announce; other events, and other blobs, are passed over. */
  #accept(events: readonly unknown[]): void {
    const blobs = events.map(createdBlob).filter((blob) => blob?.container === this.#path.container);
    const names = blobs.flatMap((blob) => (blob === undefined || !this.#path.match(blob.name) ? [] : [blob.name]));
    this.#store.add(names);
    this.#pump();
  }

  async #scan(): Promise<void> {
    const { container, prefix, match } = this.#path;
    while (!this.#stopped) {
      const startedAt = performance.now();
      try {
        for await (const page of this.#client.list(container, prefix)) {
          if (this.#stopped) {
            return;
          }
          if (this.#store.admit(page.filter(({ name }) => match(name) !== undefined)) > 0) {
            this.#pump();
          }
        }
        this.#lastTrouble = '';
      } catch (error) {
        this.#reportTrouble(error);
      }
      await this.#wait.wait(Math.max(scanIntervalMs, (performance.now() - startedAt) * scanRestFactor));
    }
  }

  /** Starts as many calls as may run at once. */
  #pump(): void {
    const { maxDegreeOfParallelism } = this.#ports.blobs;
    if (this.#stopped || this.#trouble !== undefined || this.#running.size >= maxDegreeOfParallelism) {
      return;
    }
    const free = maxDegreeOfParallelism - this.#running.size;
    const waiting = this.#store.pending(maxDegreeOfParallelism).filter(({ id }) => !this.#running.has(id));
    for (const work of waiting.slice(0, free)) {
      const done = this.#process(work)
        .catch((error: unknown) => this.#rest(error))
        .finally(() => {
          this.#running.delete(work.id);
          this.#pump();
        });
      this.#running.set(work.id, done);
    }
  }

  /** The storage account cannot be used: nothing is lost, and nothing is tried for a while. */
  #rest(error: unknown): void {
    this.#reportTrouble(error);
    if (!this.#stopped) {
      clearTimeout(this.#trouble);
      this.#trouble = setTimeout(() => {
        this.#trouble = undefined;
        this.#pump();
      }, troubleWaitMs);
    }
  }

  #reportTrouble(error: unknown): void {
    const trouble = messageOf(error);
    if (trouble !== this.#lastTrouble) {
      this.#ports.logger.warn(`[${this.target.name}] blobs of "${this.#path.container}" cannot be read: ${trouble}`);
    }
    this.#lastTrouble = trouble;
  }

  async #process({ id, name, etag, attempts }: BlobWork): Promise<void> {
    const blob = await this.#read(this.#path.container, name);
    if (blob === undefined || (etag !== undefined && blob.etag !== etag)) {
      this.#store.done(id); // it is gone; a newer version is found by itself
      this.#wait.wake();
      return;
    }
    try {
      await this.#invoke(this.#path.container, name, blob);
    } catch {
      if (attempts + 1 >= this.#ports.blobs.poisonBlobThreshold) {
        await this.#poison(name, blob.etag);
        this.#store.done(id);
      } else {
        this.#store.failed(id);
      }
      return;
    }
    this.#store.done(id);
  }

  /** A blob with what its function is given of it; with `sdkBinding` that is a client, and the content is not fetched. */
  async #read(container: string, name: string): Promise<FoundBlob | undefined> {
    const { trigger } = this.target;
    if (trigger.sdkBinding === true) {
      const properties = await this.#client.properties(container, name);
      return properties && { ...properties, value: blobReference(trigger, container, name) };
    }
    const blob = await this.#client.read(container, name);
    return blob && { ...blob, value: blobValue(blob.bytes, trigger.dataType) };
  }

  #invoke(container: string, name: string, blob: FoundBlob): Promise<unknown> {
    const { bindingData, triggerMetadata } = blobTriggerInfo(
      this.target.name,
      container,
      name,
      blob,
      this.#path.match(name),
    );
    return this.#ports.invoker.invoke(this.target, {
      trigger: blob.value,
      triggerMetadata,
      bindingData: () => bindingData,
    });
  }

  async #poison(name: string, etag: string): Promise<void> {
    const { logger, blobs, queues, notices } = this.#ports;
    const message = {
      Type: 'BlobTrigger',
      FunctionId: `Host.Functions.${this.target.name}`,
      BlobType: 'BlockBlob',
      ContainerName: this.#path.container,
      BlobName: name,
      ETag: `"${etag}"`,
    };
    logger.error(
      `[${this.target.name}] the blob "${this.#path.container}/${name}" has failed ${blobs.poisonBlobThreshold} times: ` +
        `a message goes to the queue '${poisonQueue}'`,
    );
    await new QueueClient(this.#account, poisonQueue).send(
      encodeMessage(JSON.stringify(message), queues.messageEncoding),
    );
    notices.notify('queue', poisonQueue);
  }
}
