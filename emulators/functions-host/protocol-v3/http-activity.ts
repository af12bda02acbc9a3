import type { ActivityOutcome } from '../engine/types.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { HttpRequest } from './actions.ts';

/** The name under which `callHttp` shows in the history. */
export const httpActivityName = 'BuiltIn::HttpActivity';

/** As .NET's HttpClient, which the extension uses. */
const timeoutSeconds = 100;

interface HttpResult {
  readonly statusCode: number;
  /** A list only for what comes more than once, as `set-cookie`. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly content: string;
}

/**
 * Sends the request of a `callHttp`. An answer of any status is a result; no answer is a failure.
 * Source: Azure/azure-functions-durable-extension, `Listener/TaskHttpActivityShim.cs`.
 */
export async function runHttpActivity(input: string | null, tokens: AccessTokens): Promise<ActivityOutcome> {
  const request = JSON.parse(input ?? '{}') as HttpRequest;
  try {
    const headers = new Headers(request.headers ?? {});
    if (headers.get('content-type')?.includes('multipart') === true) {
      throw new Error('Multipart content is not supported with callHttp.');
    }
    if (request.tokenSource !== undefined && request.tokenSource !== null) {
      headers.set('authorization', `Bearer ${await tokens.get(request.tokenSource)}`);
    }
    const response = await fetch(request.uri, {
      method: request.method,
      headers,
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      ...(request.content === undefined || request.content === null ? {} : { body: request.content }),
    });
    const result: HttpResult = {
      statusCode: response.status,
      headers: headersOf(response),
      content: await response.text(),
    };
    return { ok: true, result: JSON.stringify(result) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error), details: `${request.method} ${request.uri}` };
  }
}

function headersOf({ headers }: Response): HttpResult['headers'] {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 1 ? { 'set-cookie': cookies } : {}) };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The request was canceled due to the configured timeout of ${timeoutSeconds} seconds elapsing.`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error instanceof Error ? error.message : String(error)}${cause}`;
}

/** Where and when to ask again, if the result of a `callHttp` says "accepted, look there". */
export function pollOf(result: string | null): { uri: string; afterMs: number | null } | undefined {
  const { statusCode, headers = {} } = JSON.parse(result ?? '{}') as Partial<HttpResult>;
  const { location, 'retry-after': after } = headers;
  if (statusCode !== 202 || typeof location !== 'string' || location === '') {
    return undefined;
  }
  return { uri: location, afterMs: after !== undefined && Number(after) >= 0 ? Number(after) * 1000 : null };
}
