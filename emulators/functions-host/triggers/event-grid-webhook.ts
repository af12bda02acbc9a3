import type { IncomingMessage } from 'node:http';
import { messageOf } from '../core/logger.ts';
import { type Answer, json, readBody, text } from '../http/messages.ts';
import type { RequestUrl } from '../http/request-url.ts';

/** Takes events that Event Grid delivers. What it throws has Event Grid send all of them again. */
export type TakeEvents = (events: readonly unknown[]) => Promise<void>;

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
 * A webhook to which Event Grid delivers, `/runtime/webhooks/{eventgrid|blobs}?functionName=X`.
 * Source: Azure/azure-sdk-for-net, `sdk/eventgrid/Microsoft.Azure.WebJobs.Extensions.EventGrid/src/HttpRequestProcessor.cs`; the
 * OPTIONS handshake by the CloudEvents HTTP webhook specification, section 4.
 * @param find gives what takes the events of a function; undefined when there is no such function.
 */
export async function handleEventGrid(
  find: (functionName: string) => TakeEvents | undefined,
  request: IncomingMessage,
  url: RequestUrl,
): Promise<Answer> {
  const name = url.searchParams.get('functionName') ?? '';
  const take = find(name);
  if (take === undefined) {
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
      try {
        await take(Array.isArray(body) ? body : [body]);
        return { status: 202 };
      } catch (error) {
        return text(500, messageOf(error));
      }
    case 'unsubscribe':
      return { status: 202 };
    default:
      return text(400, 'the header aeg-event-type must be SubscriptionValidation, Notification or Unsubscribe');
  }
}
