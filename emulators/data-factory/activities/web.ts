import { setTimeout as sleep } from 'node:timers/promises';
import { readHeaders } from '../connectors/http-files.ts';
import { parseTimeSpan } from '../definitions/durations.ts';
import {
  DefinitionError,
  isJsonObject,
  type JsonObject,
  objectField,
  optionalBoolean,
  optionalString,
  requiredString,
} from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { ActivityError } from '../engine/activity-error.ts';
import { isObject, parseJson, type Value } from '../expressions/index.ts';

const DEFAULT_TIMEOUT = '00:01:00';
const POLL_SECONDS = 1;

/** Web: one HTTP request; an answer 202 with a Location is followed until the work is done, unless that is turned off. */
export const web: ActivityRunner = async (context) => {
  const properties = context.properties();
  const method = requiredString(properties, 'method', 'the Web activity');
  const url = requiredString(properties, 'url', 'the Web activity');
  if (!URL.canParse(url)) throw new DefinitionError(`The URL '${url}' of the Web activity is not valid.`);
  const headers = readHeaders(properties.headers);
  const body = bodyText(properties.body);
  context.setInput({
    method,
    url,
    headers: properties.headers ?? {},
    ...(properties.body === undefined ? {} : { body: properties.body }),
  });
  const limit = parseTimeSpan(
    optionalString(properties, 'httpRequestTimeout') ?? DEFAULT_TIMEOUT,
    "'httpRequestTimeout'",
  );
  const authorized = { ...(await authorization(objectField(properties, 'authentication'))), ...headers };
  const send = (target: string, verb: string, content?: string): Promise<Response> =>
    fetch(target, {
      method: verb,
      headers: withContentType(authorized, content),
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(limit)]),
      ...(content === undefined ? {} : { body: content }),
    }).catch((error: unknown) => {
      if (context.signal.aborted) throw error;
      throw new ActivityError('2108', `Error calling the endpoint '${url}'. ${causeOf(error)}`, { cause: error });
    });
  let response = await send(url, method, /^(GET|HEAD)$/i.test(method) ? undefined : body);
  const asynchronous = !(optionalBoolean(properties, 'turnOffAsync') ?? false);
  while (asynchronous && response.status === 202 && response.headers.has('location')) {
    const next = new URL(response.headers.get('location') ?? '', url).href;
    await response.body?.cancel();
    const pause = Number(response.headers.get('retry-after') ?? POLL_SECONDS);
    await sleep((Number.isFinite(pause) ? pause : POLL_SECONDS) * 1000, undefined, { signal: context.signal });
    response = await send(next, 'GET');
  }
  const text = await response.text();
  if (!response.ok) {
    throw new ActivityError('2108', text === '' ? `${url} answered ${response.status} ${response.statusText}` : text);
  }
  const shown = { ADFWebActivityResponseHeaders: Object.fromEntries(response.headers), statuscode: response.status };
  const parsed = readBody(text);
  return { output: { ...(isObject(parsed) ? parsed : { Response: parsed }), ...shown } };
};

function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function withContentType(headers: Record<string, string>, content: string | undefined): Record<string, string> {
  const has = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return content === undefined || has ? headers : { ...headers, 'content-type': 'application/json' };
}

function readBody(text: string): Value {
  try {
    return parseJson(text);
  } catch {
    return text; // an answer that is no JSON is given as text
  }
}

/** Basic, or a token of the managed identity, as App Service offers it to processes (IDENTITY_ENDPOINT). */
async function authorization(authentication: JsonObject): Promise<Record<string, string>> {
  const type = optionalString(authentication, 'type');
  if (type === undefined) return {};
  if (type === 'Basic') {
    const { password } = authentication;
    const secret = isJsonObject(password)
      ? optionalString(password, 'value')
      : optionalString(authentication, 'password');
    const pair = `${optionalString(authentication, 'username') ?? ''}:${secret ?? ''}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header = '' } = process.env;
  if (type !== 'MSI' || endpoint === undefined) {
    throw new ActivityError(
      'UnsupportedAuthentication',
      `Authentication of type '${type}' is not emulated; use Basic, or MSI with IDENTITY_ENDPOINT set.`,
    );
  }
  const resource = encodeURIComponent(optionalString(authentication, 'resource') ?? '');
  const response = await fetch(`${endpoint}?api-version=2019-08-01&resource=${resource}`, {
    headers: { 'x-identity-header': header },
  });
  const answer: unknown = await response.json();
  if (!response.ok || !isJsonObject(answer))
    throw new ActivityError('UserErrorMsiTokenFailed', 'The identity gave no token.');
  return { authorization: `Bearer ${optionalString(answer, 'access_token') ?? ''}` };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
