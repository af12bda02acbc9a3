import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from '../delivery/post.ts';
import type { Subscription } from '../entities.ts';
import { ArmError } from './arm-error.ts';

const ORIGIN = 'eventgrid.azure.net';

/** Proof that whoever owns the endpoint wants the events. */
export type ValidateEndpoint = (subscription: Subscription, topic: string) => Promise<void>;

/**
 * Does the handshake of the subscription's schema: a validation code that must come back (Event Grid schema), or HTTP
 * OPTIONS (CloudEvents webhook protection). An endpoint that is not up yet is tried again until the patience ends; then
 * it throws the service's "Url validation" error with what the endpoint last did.
 */
export function createValidateEndpoint(sender: Sender, patienceMs: number): ValidateEndpoint {
  return async (subscription, topic) => {
    const deadline = Date.now() + patienceMs;
    const attempt = subscription.eventDeliverySchema === 'EventGridSchema' ? echoCode : askByOptions;
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
      const problem = await attempt(sender, subscription, topic);
      if (problem === undefined) return;
      if (Date.now() + pauseMs > deadline) {
        throw new ArmError(
          400,
          'Url validation',
          `The attempt to validate the provided endpoint ${subscription.endpointUrl.split('?')[0]} failed: ${problem} ` +
            'Start the endpoint, check its URL and key, and PUT the subscription again.',
        );
      }
      await sleep(pauseMs);
    }
  };
}

async function echoCode(sender: Sender, subscription: Subscription, topic: string): Promise<string | undefined> {
  const validationCode = randomUUID().toUpperCase();
  const event = {
    id: randomUUID(),
    topic,
    subject: '',
    data: { validationCode },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: new Date().toISOString(),
    metadataVersion: '1',
    dataVersion: '2',
  };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': subscription.name.toUpperCase(),
    'aeg-delivery-count': '0',
    'aeg-data-version': '2',
    'aeg-metadata-version': '1',
  };
  const outcome = await sender.send('POST', subscription.endpointUrl, headers, JSON.stringify([event]));
  if (outcome.kind !== 'answered') return `it was ${describe(outcome)}.`;
  if (outcome.status !== 200) return `it answered ${outcome.status}: ${outcome.body.slice(0, 200)}`;
  try {
    const answer: unknown = JSON.parse(outcome.body);
    const code = typeof answer === 'object' && answer !== null && 'validationResponse' in answer;
    if (code && answer.validationResponse === validationCode) return undefined;
  } catch {
    // Not JSON, so no code: the same answer as the wrong code.
  }
  return 'it answered 200 without a validationResponse that equals the validationCode.';
}

async function askByOptions(sender: Sender, subscription: Subscription): Promise<string | undefined> {
  const headers = { 'webhook-request-origin': ORIGIN, 'webhook-request-rate': '120' };
  const outcome = await sender.send('OPTIONS', subscription.endpointUrl, headers, '');
  if (outcome.kind !== 'answered') return `it was ${describe(outcome)}.`;
  if (outcome.status !== 200) return `it answered OPTIONS with ${outcome.status}.`;
  const allowed = String(outcome.headers['webhook-allowed-origin'] ?? '');
  if (allowed === '*' || allowed.toLowerCase() === ORIGIN) return undefined;
  return `it answered OPTIONS without 'WebHook-Allowed-Origin: ${ORIGIN}'.`;
}

function describe(outcome: { readonly kind: string; readonly message?: string }): string {
  return outcome.message === undefined ? outcome.kind : `unreachable (${outcome.message})`;
}
