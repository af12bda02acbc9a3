import type { ActivityOutcome } from '../engine/types.ts';
import type { HttpRequest } from './actions.ts';

/** The name under which `callHttp` shows in the history. */
export const httpActivityName = 'BuiltIn::HttpActivity';

interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

/** Sends the request of a `callHttp`. An answer of any status is a result; no answer is a failure. */
export async function runHttpActivity(input: string | null): Promise<ActivityOutcome> {
  const request = JSON.parse(input ?? '{}') as HttpRequest;
  try {
    if (request.tokenSource !== undefined && request.tokenSource !== null) {
      throw new Error('callHttp with a token source is not served by this host: call the service from an activity');
    }
    const response = await fetch(request.uri, {
      method: request.method,
      headers: { ...request.headers },
      redirect: 'manual',
      ...(request.content === undefined || request.content === null ? {} : { body: request.content }),
    });
    const result: HttpResult = {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      content: await response.text(),
    };
    return { ok: true, result: JSON.stringify(result) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const message = `${error instanceof Error ? error.message : String(error)}${cause}`;
    return { ok: false, reason: `Activity function '${httpActivityName}' failed: ${message}`, details: request.uri };
  }
}

/** Where and when to ask again, if the result of a `callHttp` says "accepted, look there". */
export function pollOf(result: string | null): { uri: string; afterMs: number | null } | undefined {
  const { statusCode, headers = {} } = JSON.parse(result ?? '{}') as Partial<HttpResult>;
  const location = headers.location ?? '';
  if (statusCode !== 202 || location === '') {
    return undefined;
  }
  const seconds = Number(headers['retry-after']);
  return { uri: location, afterMs: headers['retry-after'] !== undefined && seconds >= 0 ? seconds * 1000 : null };
}
