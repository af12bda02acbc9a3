import { LandfallError } from '../errors.ts';

/** What a service of the model answered with instead of what was asked for. */
export class ModelServiceError extends LandfallError {
  readonly status: number;

  constructor(name: 'ModelServiceError' | 'ModelQueryFailed', status: number, message: string) {
    super(name, message);
    this.status = status;
  }

  /** Whether asking again could help: not when the service said that the request is wrong or not allowed. */
  get isPassing(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

export interface ModelAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON body; null when there is none. */
  readonly body: unknown;
}

/** One request below a model's address; answers of any status are given back. */
export type ModelRest = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<ModelAnswer>;

/** A model's REST API. @param token gives a bearer token of Entra ID */
export function createModelRest(address: string, token: () => Promise<string>): ModelRest {
  return async (method, path, body) => {
    const response = await fetch(`${address}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, headers: response.headers, body: parse(await response.text()) };
  };
}

/** The error for an answer that cannot be used. */
export function refusal(service: string, what: string, { status, headers, body }: ModelAnswer): ModelServiceError {
  const error = record(record(body).error ?? body);
  const said = [error.code, error.message ?? headers.get('x-ms-xmlaerror-extended')].filter(isText).join(': ');
  return new ModelServiceError('ModelServiceError', status, `${service} refused ${what}: ${status} ${said}`.trim());
}

/** Members of a JSON object; none of anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The objects of a JSON list. */
export function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

/** The last part of the address that a 202 gives. */
export function idOfLocation(headers: Headers): string | undefined {
  const path = headers.get('location')?.split(/[?#]/)[0]?.replace(/\/+$/, '');
  return path?.slice(path.lastIndexOf('/') + 1) || undefined;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a gateway's page of HTML: the status says enough
  }
}
