import type { Delivery, Subscription } from '../entities.ts';
import type { Outcome } from './post.ts';

/** What is to happen to a delivery after an attempt. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry' | 'give-up'; readonly delivery: Delivery };

/** Names of the outcomes in dead letters; others are named by their number. */
const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'TimedOut',
  413: 'RequestEntityTooLarge',
  429: 'Busy',
  500: 'InternalServerError',
  503: 'Busy',
};
const FINAL = new Set([400, 401, 403, 413]);

/** The service's schedule, in seconds; the last pause repeats. */
export const RETRY_SECONDS: readonly number[] = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];

/** Whether an answer's status means that the event was taken. */
export function isTaken(status: number): boolean {
  return status >= 200 && status <= 204;
}

/**
 * Applies the service's rules: 200 to 204 is delivered; 400, 401, 403 and 413 cannot get better; anything else is tried
 * again on the schedule until the subscription's number of attempts is reached.
 * Source: "Event Grid message delivery and retry".
 */
export function afterAttempt(
  delivery: Delivery,
  outcome: Outcome,
  policy: Subscription['retryPolicy'],
  retrySeconds: readonly number[],
  nowMs: number,
): Verdict {
  if (outcome.kind === 'answered' && isTaken(outcome.status)) return { kind: 'delivered' };
  const attempts = delivery.attempts + 1;
  const status = outcome.kind === 'answered' ? outcome.status : undefined;
  const pauseSeconds = retrySeconds[Math.min(attempts, retrySeconds.length) - 1] ?? 10;
  const tried: Delivery = {
    ...delivery,
    attempts,
    nextAt: nowMs + pauseSeconds * 1000,
    lastAttemptAt: nowMs,
    lastOutcome: nameOf(outcome),
    ...(status === undefined ? {} : { lastStatus: status }),
  };
  if (status !== undefined && FINAL.has(status)) return giveUp(tried, `UndeliverableDueToHttp${NAMES[status]}`, nowMs);
  if (attempts >= policy.maxDeliveryAttempts) return giveUp(tried, 'MaxDeliveryAttemptsExceeded', nowMs);
  return { kind: 'retry', delivery: tried };
}

/** Marks a delivery as given up, for a reason that its dead letter will carry. */
export function giveUp(delivery: Delivery, reason: string, nowMs: number): Verdict & { kind: 'give-up' } {
  return { kind: 'give-up', delivery: { ...delivery, deadLetterReason: reason, nextAt: nowMs } };
}

function nameOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') return 'ConnectionRefused';
  if (outcome.kind === 'timed-out') return 'TimedOut';
  if (outcome.kind === 'failed') return 'SocketError';
  return NAMES[outcome.status] ?? `Http${outcome.status}`;
}
