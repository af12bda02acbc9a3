import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { parseTimeSpan } from '../definitions/durations.ts';
import { isJsonObject, type JsonObject, objectField, optionalString } from '../definitions/json.ts';
import { ActivityError } from '../engine/activity-error.ts';
import type { Dataset, LinkedService } from './connections.ts';
import type { FileStore } from './file-store.ts';

/** The one file that a dataset behind HTTP stands for. */
export function httpFiles(dataset: Dataset): FileStore {
  const location = objectField(dataset.properties, 'location');
  const relative = optionalString(location, 'relativeUrl') ?? '';
  const base = optionalString(dataset.linkedService.properties, 'url') ?? '';
  if (!URL.canParse(base))
    throw new ActivityError('InvalidLinkedService', `'${dataset.linkedService.name}' has no valid URL.`);
  const url = relative === '' ? base : `${base.replace(/\/+$/, '')}/${relative.replace(/^\/+/, '')}`;
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '') || 'download';
  return {
    place: url,
    list: async (settings) => [
      {
        path: url,
        name,
        relativePath: name,
        size: undefined,
        lastModified: undefined,
        read: (signal) => request(url, dataset.linkedService, settings, signal),
      },
    ],
  };
}

async function request(
  url: string,
  service: LinkedService,
  settings: JsonObject,
  signal: AbortSignal,
): Promise<Readable> {
  const timeout = optionalString(settings, 'requestTimeout');
  const limit = timeout === undefined ? [] : [AbortSignal.timeout(parseTimeSpan(timeout, "'requestTimeout'"))];
  const method = optionalString(settings, 'requestMethod') ?? 'GET';
  const body = optionalString(settings, 'requestBody');
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { ...authorization(service), ...readHeaders(settings.additionalHeaders) },
      signal: AbortSignal.any([signal, ...limit]),
      ...(body === undefined || method === 'GET' ? {} : { body }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const cause =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    throw new ActivityError(
      'UserErrorFailedToReadHttpFile',
      `Failed to read data from http server '${url}': ${cause}`,
      {
        cause: error,
      },
    );
  }
  if (!response.ok || response.body === null) {
    throw new ActivityError(
      'UserErrorHttpStatusCodeIndicatingFailure',
      `The HttpStatusCode ${response.status} of '${url}' indicates failure. ${(await response.text()).slice(0, 500)}`.trim(),
    );
  }
  return Readable.fromWeb(response.body as ReadableStream);
}

/** Headers, as an object or as the editor's lines `Name: value`. */
export function readHeaders(headers: unknown): Record<string, string> {
  if (isJsonObject(headers))
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  if (typeof headers !== 'string') return {};
  return Object.fromEntries(
    headers
      .split(/\r?\n/)
      .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
      .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])),
  );
}

function authorization({ name, properties }: LinkedService): Record<string, string> {
  const type = optionalString(properties, 'authenticationType') ?? 'Anonymous';
  if (type === 'Anonymous') return {};
  if (type === 'Basic') {
    const pair = `${optionalString(properties, 'userName') ?? ''}:${optionalString(properties, 'password') ?? ''}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  throw new ActivityError('UnsupportedAuthentication', `'${name}': authentication of type ${type} is not emulated.`);
}
