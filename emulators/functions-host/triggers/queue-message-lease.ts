import { type Logger, messageOf } from '../core/logger.ts';
import type { QueueClient, QueueMessage } from '../storage/queue-client.ts';
import { isNotFound } from '../storage/storage-service.ts';
import type { QueueClaims } from './queue-claims.ts';

/**
 * The right to a message, which is hidden from others for a while. After a crash others see it once that while is over, or
 * once this host is started again.
 * Source: azure-sdk-for-net, `Storage.Common/src/Shared/Queues/UpdateQueueMessageVisibilityCommand.cs`.
 */
export class QueueMessageLease {
  /** For how long a message is hidden at a time. */
  static readonly seconds = 120;

  readonly message: QueueMessage;
  readonly #queue: QueueClient;
  readonly #claims: QueueClaims;
  readonly #logger: Logger;
  #current: QueueMessage;
  #renewal: NodeJS.Timeout | undefined;
  /** The request about the message that is under way, for each changes what the next one needs. */
  #request: Promise<void> = Promise.resolve();

  constructor(queue: QueueClient, claims: QueueClaims, message: QueueMessage, logger: Logger) {
    this.message = message;
    this.#queue = queue;
    this.#claims = claims;
    this.#logger = logger;
    this.#current = message;
  }

  /** Keeps the message hidden until it is completed or released. */
  keep(): void {
    this.#renewal = setInterval(
      () => {
        this.#request = this.#renew().catch((error: unknown) =>
          this.#logger.warn(`the message ${this.message.id} cannot be kept: ${messageOf(error)}`),
        );
      },
      (QueueMessageLease.seconds * 1000) / 2,
    );
  }

  /** Takes the message off its queue. */
  async complete(): Promise<void> {
    await this.#endRenewal();
    try {
      await this.#queue.delete(this.#current);
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
    this.#claims.delete(this.message.id);
  }

  /** Gives the message back: others see it after so many seconds. */
  async release(afterSeconds: number): Promise<void> {
    await this.#endRenewal();
    await this.#hide(afterSeconds);
    this.#claims.delete(this.message.id);
  }

  async #endRenewal(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#request;
  }

  async #renew(): Promise<void> {
    await this.#hide(QueueMessageLease.seconds);
    this.#claims.put([this.#current]);
  }

  async #hide(seconds: number): Promise<void> {
    this.#current = await this.#queue.hide(this.#current, seconds);
  }
}
