import type { IncomingMessage } from 'node:http';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import type { Invoker } from '../core/invoker.ts';
import { messageOf } from '../core/logger.ts';
import { type Answer, json, readBody, text } from '../http/messages.ts';

function parseEvents(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The code of a handshake: in an array in the Event Grid schema, as JSON text in `data` of a single CloudEvent. */
function validationCode(body: unknown): string | undefined {
  const event: unknown = Array.isArray(body) ? body[0] : body;
  let data = (event as { data?: unknown } | null | undefined)?.data;
  if (typeof data === 'string') {
    data = parseEvents(data);
  }
  const code = (data as { validationCode?: unknown } | null | undefined)?.validationCode;
  return typeof code === 'string' ? code : undefined;
}

/**
 * The webhook to which Event Grid delivers, `/runtime/webhooks/eventgrid?functionName=X`.
 * Source: Azure/azure-sdk-for-net, `sdk/eventgrid/Microsoft.Azure.WebJobs.Extensions.EventGrid/src`; the OPTIONS
 * handshake by the CloudEvents HTTP webhook specification, section 4.
 */
export async function handleEventGrid(
  registry: FunctionRegistry,
  invoker: Invoker,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> {
  const name = url.searchParams.get('functionName') ?? '';
  const target = registry.find(name, 'eventGridTrigger');
  if (target === undefined) {
    return text(404, `cannot find function: '${name}'`);
  }
  if (request.method === 'OPTIONS') {
    const origin = request.headers['webhook-request-origin'];
    const allowed = typeof origin === 'string' ? origin : '*';
    return { status: 200, headers: { 'WebHook-Allowed-Origin': allowed, 'WebHook-Allowed-Rate': '*', Allow: 'POST' } };
  }
  if (request.method !== 'POST') {
    return { status: 405, headers: { Allow: 'POST, OPTIONS' } };
  }
  const body = parseEvents((await readBody(request)).toString());
  if (body === undefined) {
    return text(400, 'the body is no JSON');
  }
  switch (String(request.headers['aeg-event-type'] ?? '').toLowerCase()) {
    case 'subscriptionvalidation': {
      const code = validationCode(body);
      return code === undefined ? text(400, 'no validationCode') : json(200, { validationResponse: code });
    }
    case 'notification':
      return notify(invoker, target, Array.isArray(body) ? body : [body]);
    case 'unsubscribe':
      return { status: 202 };
    default:
      return text(400, 'the header aeg-event-type must be SubscriptionValidation, Notification or Unsubscribe');
  }
}

/** One call for each event, or one for all with cardinality "many". Any failure has Event Grid send all again. */
async function notify(invoker: Invoker, target: RegisteredFunction, events: readonly unknown[]): Promise<Answer> {
  const many = String(target.trigger.cardinality ?? '').toLowerCase() === 'many';
  const inputs: readonly unknown[] = many ? [events] : events;
  const outcomes = await Promise.allSettled(
    inputs.map((input) => invoker.invoke(target, { trigger: { json: JSON.stringify(input) } })),
  );
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  return failure === undefined ? { status: 202 } : text(500, messageOf(failure.reason));
}
