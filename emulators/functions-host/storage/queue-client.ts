import { queueName } from './resource-names.ts';
import type { StorageAccount } from './storage-account.ts';
import { StorageError, StorageService } from './storage-service.ts';
import { elements, elementText, escapeXml } from './xml.ts';

/** A message as it was taken from a queue. Others do not see it until `nextVisibleTime`. */
export interface QueueMessage {
  readonly id: string;
  readonly popReceipt: string;
  /** As it is stored, which may be Base64. */
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertionTime: Date;
  readonly expirationTime: Date;
  readonly nextVisibleTime: Date;
}

/** What it takes to do something with a message that was taken. */
export type MessageReceipt = Pick<QueueMessage, 'id' | 'popReceipt'>;

/** A queue of Azure Storage. Source: "Queue Storage REST API". */
export class QueueClient {
  readonly name: string;
  readonly #service: StorageService;

  /** @throws RangeError when it is no name of a queue. */
  constructor(account: StorageAccount, name: string) {
    this.name = queueName(name);
    this.#service = new StorageService(account, account.queueEndpoint);
  }

  /** Makes the queue unless it is there. */
  async createIfNotExists(): Promise<void> {
    await this.#service.send({ method: 'PUT', path: this.name });
  }

  /** Adds a message; makes the queue when it is not there. */
  async send(text: string): Promise<void> {
    const body = `<QueueMessage><MessageText>${escapeXml(text)}</MessageText></QueueMessage>`;
    const put = () =>
      this.#service.send({
        method: 'POST',
        path: `${this.name}/messages`,
        query: { messagettl: '-1' },
        headers: { 'content-type': 'application/xml' },
        body,
      });
    try {
      await put();
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'QueueNotFound')) {
        throw error;
      }
      await this.createIfNotExists();
      await put();
    }
  }

  /** Takes up to `count` messages (at most 32) and hides them from others. */
  async receive(count: number, hiddenSeconds: number): Promise<QueueMessage[]> {
    const query = { numofmessages: String(count), visibilitytimeout: String(hiddenSeconds) };
    const response = await this.#service.send({ method: 'GET', path: `${this.name}/messages`, query });
    return elements(await response.text(), 'QueueMessage').map(toMessage);
  }

  /** Shows a message to others after so many seconds, and gives its new pop receipt. */
  async hide<T extends MessageReceipt>(message: T, hiddenSeconds: number): Promise<T> {
    const query = { popreceipt: message.popReceipt, visibilitytimeout: String(hiddenSeconds) };
    const response = await this.#service.send({ method: 'PUT', path: this.#pathOf(message), query });
    return { ...message, popReceipt: response.headers.get('x-ms-popreceipt') ?? message.popReceipt };
  }

  async delete(message: MessageReceipt): Promise<void> {
    const query = { popreceipt: message.popReceipt };
    await this.#service.send({ method: 'DELETE', path: this.#pathOf(message), query });
  }

  #pathOf({ id }: MessageReceipt): string {
    return `${this.name}/messages/${encodeURIComponent(id)}`;
  }
}

function toMessage(xml: string): QueueMessage {
  const text = (name: string) => elementText(xml, name) ?? '';
  const time = (name: string) => new Date(text(name));
  return {
    id: text('MessageId'),
    popReceipt: text('PopReceipt'),
    text: text('MessageText'),
    dequeueCount: Number(text('DequeueCount')),
    insertionTime: time('InsertionTime'),
    expirationTime: time('ExpirationTime'),
    nextVisibleTime: time('TimeNextVisible'),
  };
}
