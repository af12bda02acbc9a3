import { propertiesOfText, triggerInfo } from '../bindings/binding-data.ts';
import { withSettings } from '../bindings/function-bindings.ts';
import { requiredText } from '../bindings/required-text.ts';
import type { RegisteredFunction } from '../core/function-registry.ts';
import type { InvocationInput, Invoker } from '../core/invoker.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import type { QueuesConfig } from '../core/storage-config.ts';
import type { TriggerState } from '../core/trigger-state.ts';
import { decodeMessage } from '../storage/message-encoding.ts';
import { QueueClient, type QueueMessage } from '../storage/queue-client.ts';
import { isQueueName } from '../storage/resource-names.ts';
import { storageAccount } from '../storage/storage-account.ts';
import { isNotFound } from '../storage/storage-service.ts';
import type { TriggerListener, WriteNotices } from './listener.ts';
import { PollWait } from './poll-wait.ts';
import { QueueClaims } from './queue-claims.ts';
import { QueueMessageLease } from './queue-message-lease.ts';

export interface QueueTriggerPorts {
  readonly state: TriggerState;
  readonly invoker: Invoker;
  readonly logger: Logger;
  readonly config: QueuesConfig;
  readonly notices: WriteNotices;
}

const poisonSuffix = '-poison';
const firstPollingIntervalMs = 100;

/**
 * Takes messages from a queue of Azure Storage and calls a function with each.
 * Source: azure-sdk-for-net, `Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Queues/QueueListener.cs` and
 * `QueueProcessor.cs`.
 */
export class QueueTrigger implements TriggerListener {
  readonly target: RegisteredFunction;
  readonly #ports: QueueTriggerPorts;
  readonly #queue: QueueClient;
  readonly #poisonQueue: QueueClient | undefined;
  readonly #claims: QueueClaims;
  readonly #running = new Map<QueueMessageLease, Promise<void>>();
  readonly #wait = new PollWait();
  #stopped = false;
  #loop: Promise<void> | undefined;
  #lastTrouble = '';
  #hasGivenBack = false;

  /** @throws HostSetupError or RangeError for a binding that cannot be used. */
  constructor(target: RegisteredFunction, ports: QueueTriggerPorts) {
    const binding = withSettings(target.trigger, process.env);
    const account = storageAccount(binding.connection, process.env);
    const name = requiredText(binding, 'queueName').toLowerCase();
    this.target = target;
    this.#ports = ports;
    this.#queue = new QueueClient(account, name);
    const poison = `${name}${poisonSuffix}`;
    const hasPoison = !name.endsWith(poisonSuffix) && isQueueName(poison);
    this.#poisonQueue = hasPoison ? new QueueClient(account, poison) : undefined;
    this.#claims = new QueueClaims(ports.state, `${account.name}/${name}/${target.name}`);
    ports.notices.subscribe('queue', name, () => this.#wait.wake());
  }

  start(): void {
    this.#loop = this.#poll();
  }

  /** Messages whose functions still run then go back to the queue at once. */
  async stop(patience: Promise<void>): Promise<void> {
    this.#stopped = true;
    this.#wait.wake();
    await Promise.race([this.#loop?.then(() => Promise.all(this.#running.values())), patience]);
    await Promise.all([...this.#running.keys()].map((lease) => lease.release(0).catch(() => undefined)));
  }

  run(input: string | null): Promise<unknown> {
    const now = new Date();
    const message = {
      id: '',
      popReceipt: '',
      text: '',
      dequeueCount: 0,
      insertionTime: now,
      expirationTime: now,
      nextVisibleTime: now,
    };
    return this.#ports.invoker.invoke(this.target, this.#inputOf(message, Buffer.from(input ?? '')));
  }

  async #poll(): Promise<void> {
    const { config, logger } = this.#ports;
    let interval = firstPollingIntervalMs;
    while (!this.#stopped) {
      let messages: QueueMessage[] = [];
      try {
        await this.#giveBack();
        messages = await this.#queue.receive(config.batchSize, QueueMessageLease.seconds);
        this.#claims.put(messages);
        this.#lastTrouble = '';
      } catch (error) {
        this.#reportTrouble(error);
      }
      for (const message of messages) {
        const lease = new QueueMessageLease(this.#queue, this.#claims, message, logger);
        const work = this.#stopped ? lease.release(0) : this.#process(lease);
        const done = work
          .catch((error: unknown) =>
            logger.warn(`[${this.target.name}] a message could not be finished: ${messageOf(error)}`),
          )
          .finally(() => this.#running.delete(lease));
        this.#running.set(lease, done);
      }
      if (messages.length === 0) {
        await this.#wait.wait(interval);
        interval = Math.min(interval * 2, config.maxPollingIntervalMs);
        continue;
      }
      interval = firstPollingIntervalMs;
      while (this.#running.size > config.newBatchThreshold && !this.#stopped) {
        await Promise.race(this.#running.values());
      }
    }
  }

  /** Gives back the messages that a run before this one had when it ended without order. */
  async #giveBack(): Promise<void> {
    if (this.#hasGivenBack) {
      return;
    }
    for (const message of this.#claims.all()) {
      await this.#queue.hide(message, 0).catch((error: unknown) => {
        if (!isNotFound(error)) {
          throw error;
        }
      });
      this.#claims.delete(message.id);
    }
    this.#hasGivenBack = true;
  }

  /** A queue that is not there is no trouble: somebody will make it. The same trouble is told once. */
  #reportTrouble(error: unknown): void {
    const trouble = isNotFound(error) ? '' : messageOf(error);
    if (trouble !== this.#lastTrouble && trouble !== '') {
      this.#ports.logger.warn(`[${this.target.name}] the queue "${this.#queue.name}" cannot be read: ${trouble}`);
    }
    this.#lastTrouble = trouble;
  }

  async #process(lease: QueueMessageLease): Promise<void> {
    const { config, invoker } = this.#ports;
    const { message } = lease;
    const content = decodeMessage(message.text, config.messageEncoding);
    if (content === undefined) {
      await this.#poison(lease, `is not encoded as ${config.messageEncoding}: see messageEncoding of host.json`);
      return;
    }
    if (message.dequeueCount > config.maxDequeueCount && this.#poisonQueue !== undefined) {
      await this.#poison(lease, `has reached MaxDequeueCount of ${config.maxDequeueCount}`);
      return;
    }
    lease.keep();
    try {
      await invoker.invoke(this.target, this.#inputOf(message, content));
    } catch {
      if (message.dequeueCount >= config.maxDequeueCount && this.#poisonQueue !== undefined) {
        await this.#poison(lease, `has reached MaxDequeueCount of ${config.maxDequeueCount}`);
      } else {
        await lease.release(Math.round(config.visibilityTimeoutMs / 1000));
      }
      return;
    }
    await lease.complete();
  }

  async #poison(lease: QueueMessageLease, why: string): Promise<void> {
    const { logger, notices } = this.#ports;
    const { id, text } = lease.message;
    if (this.#poisonQueue === undefined) {
      logger.error(`[${this.target.name}] the message ${id} ${why}, and "${this.#queue.name}" has no poison queue`);
      return;
    }
    logger.error(
      `[${this.target.name}] the message ${id} ${why}: it is moved to the queue '${this.#poisonQueue.name}'`,
    );
    await this.#poisonQueue.send(text);
    await lease.complete();
    notices.notify('queue', this.#poisonQueue.name);
  }

  #inputOf(message: QueueMessage, content: Buffer): InvocationInput {
    const text = content.toString();
    const values = {
      QueueTrigger: text,
      DequeueCount: message.dequeueCount,
      ExpirationTime: message.expirationTime,
      Id: message.id,
      InsertionTime: message.insertionTime,
      NextVisibleTime: message.nextVisibleTime,
      PopReceipt: message.popReceipt,
      ...propertiesOfText(text),
    };
    const { bindingData, triggerMetadata } = triggerInfo(this.target.name, values);
    const isBinary = String(this.target.trigger.dataType).toLowerCase() === 'binary';
    return {
      trigger: isBinary ? { bytes: content } : { string: text },
      triggerMetadata,
      bindingData: () => bindingData,
    };
  }
}
