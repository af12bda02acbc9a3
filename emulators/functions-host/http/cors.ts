import { join } from 'node:path';
import { readOptionalJson } from '../core/app-settings.ts';
import { send } from './messages.ts';
import type { Handler } from './server.ts';

/** Which web pages of other origins may call, as `Host` of local.settings.json says. */
export interface Cors {
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

/** Reads `Host.CORS` (origins with commas between, or `*`) and `Host.CORSCredentials`. Without them no origin may. */
export function readCors(appFolder: string): Cors {
  const { Host: host } = readOptionalJson(join(appFolder, 'local.settings.json'));
  const { CORS: origins, CORSCredentials: credentials } = (host ?? {}) as { CORS?: unknown; CORSCredentials?: unknown };
  return {
    origins: typeof origins === 'string' ? origins.split(',').map((origin) => origin.trim().replace(/\/$/, '')) : [],
    credentials: credentials === true,
  };
}

/** Answers preflight requests, and marks the answers that a page of another origin may read. */
export function withCors({ origins, credentials }: Cors, next: Handler): Handler {
  const answerOrigin = async (origin: string, ...[request, response, url]: Parameters<Handler>): Promise<void> => {
    response.setHeader('access-control-allow-origin', origins.includes('*') && !credentials ? '*' : origin);
    response.setHeader('vary', 'Origin');
    if (credentials) {
      response.setHeader('access-control-allow-credentials', 'true');
    }
    const method = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || method === undefined) {
      return next(request, response, url);
    }
    response.setHeader('access-control-allow-methods', method);
    const wanted = request.headers['access-control-request-headers'];
    if (wanted !== undefined) {
      response.setHeader('access-control-allow-headers', wanted);
    }
    send(request, response, { status: 204 });
  };
  return (request, response, url) => {
    const { origin } = request.headers;
    return origin !== undefined && (origins.includes('*') || origins.includes(origin))
      ? answerOrigin(origin, request, response, url)
      : next(request, response, url);
  };
}
