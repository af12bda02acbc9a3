import { isDeepStrictEqual } from 'node:util';
import type { Subscription } from '../entities.ts';
import { ArmError } from './arm-error.ts';
import type { SubscriptionRegistry } from './create-registry.ts';
import { parseScope } from './parse-scope.ts';
import { parseSubscription } from './parse-subscription.ts';
import { toArm } from './to-arm.ts';
import type { ValidateEndpoint } from './validate-endpoint.ts';

/** A JSON answer. */
export interface JsonAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** Answers the ARM routes of event subscriptions; undefined for a path that is none. Throws ArmError. */
export type Management = (
  method: string,
  path: string,
  readBody: () => Promise<unknown>,
) => Promise<JsonAnswer | undefined>;

/** Makes the routes: PUT, GET, DELETE and list of subscriptions, and getFullUrl. */
export function createManagement(
  account: string,
  topics: ReadonlySet<string>,
  registry: SubscriptionRegistry,
  validate: ValidateEndpoint,
  onProven: (subscription: Subscription) => void,
): Management {
  return async (method, path, readBody) => {
    const target = parseScope(path, account, topics);
    if (target === undefined) return undefined;
    const { scope, name, fullUrl } = target;
    if (name === undefined) {
      if (method !== 'GET') throw notAllowed(method);
      return { status: 200, body: { value: registry.inScope(scope).map(toArm) } };
    }
    const existing = registry.find(scope, name);

    if (method === 'PUT' && !fullUrl) {
      const wanted = parseSubscription(path, scope, existing?.name ?? name, await readBody());
      const proven =
        existing?.endpointUrl === wanted.endpointUrl && existing.eventDeliverySchema === wanted.eventDeliverySchema;
      if (!proven) await validate(wanted, path.replace(/\/eventSubscriptions\/.*$/i, ''));
      if (!isDeepStrictEqual(existing, wanted)) await registry.put(wanted);
      if (!proven) onProven(wanted);
      return { status: existing === undefined ? 201 : 200, body: toArm(wanted) };
    }
    if (method === 'DELETE' && !fullUrl) {
      if (existing === undefined) return { status: 204 };
      await registry.remove(existing);
      return { status: 200 };
    }
    if (existing === undefined) {
      throw new ArmError(404, 'ResourceNotFound', `There is no event subscription '${name}' on this scope.`);
    }
    if (method === 'POST' && fullUrl) return { status: 200, body: { endpointUrl: existing.endpointUrl } };
    if (method === 'GET' && !fullUrl) return { status: 200, body: toArm(existing) };
    throw notAllowed(method);
  };
}

function notAllowed(method: string): ArmError {
  return new ArmError(405, 'MethodNotAllowed', `${method} is not possible here.`);
}
