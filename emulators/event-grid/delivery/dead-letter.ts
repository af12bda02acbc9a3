import type { BlobClient } from '../blob/blob-client.ts';
import type { Delivery, Subscription } from '../entities.ts';
import type { StoredEvent } from '../store/event-store.ts';
import { inSchema } from './to-request.ts';

/** Writes an event that was given up into the subscription's dead-letter container. */
export type WriteDeadLetter = (
  container: string,
  event: StoredEvent,
  delivery: Delivery,
  to: Subscription,
) => Promise<void>;

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** The dead letter: the event in its delivery schema with the story of its attempts; CloudEvents spell names in lower case. */
export function toDeadLetter(
  event: StoredEvent,
  delivery: Delivery,
  schema: Subscription['eventDeliverySchema'],
): object {
  const story = {
    deadLetterReason: delivery.deadLetterReason,
    deliveryAttempts: delivery.attempts,
    lastDeliveryOutcome: delivery.lastOutcome,
    lastHttpStatusCode: delivery.lastStatus,
    publishTime: event.publishTime,
    lastDeliveryAttemptTime: iso(delivery.lastAttemptAt),
  };
  const entries = Object.entries(story).filter(([, value]) => value !== undefined);
  const spelled =
    schema === 'EventGridSchema' ? entries : entries.map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...inSchema(event, schema), ...Object.fromEntries(spelled) };
}

/** Where a dead letter goes. The name depends on nothing random, so that writing it twice leaves one. */
export function deadLetterPath(account: string, container: string, event: StoredEvent, delivery: Delivery): string {
  const at = new Date(delivery.lastAttemptAt ?? Date.parse(event.publishTime));
  const folder = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours()].join('/');
  return `/${account}/${container}/${delivery.subscription.toUpperCase()}/${folder}/${String(event.seq).padStart(16, '0')}.json`;
}

/** Makes a writer over a client of the blob service. */
export function createWriteDeadLetter(client: BlobClient, account: string): WriteDeadLetter {
  return async (container, event, delivery, to) => {
    const body = JSON.stringify([toDeadLetter(event, delivery, to.eventDeliverySchema)]);
    await client.put(deadLetterPath(account, container, event, delivery), body, 'application/json');
  };
}
