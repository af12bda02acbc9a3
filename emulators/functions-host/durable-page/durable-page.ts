import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { type Answer, text } from '../http/messages.ts';
import type { RequestUrl } from '../http/request-url.ts';
import { handlePageApi, type PageApiPorts } from './page-api.ts';

export const durablePagePath = '/admin/durable';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing but the host's own files, no markup from text, no frame around it, and nothing of it in a referrer. */
const security: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/**
 * Answers requests to the page of instances and below it. Its files hold no data, and are there for anybody; what it
 * shows takes the master key.
 */
export function createDurablePage(ports: PageApiPorts): (request: IncomingMessage, url: RequestUrl) => Answer {
  const folder = join(import.meta.dirname, 'public');
  let files: ReadonlyMap<string, Answer> | undefined;
  return (request, url) => {
    const path = url.pathname.slice(durablePagePath.length);
    if (path.startsWith('/api/')) {
      return handlePageApi(ports, request, url);
    }
    if (path === '/') {
      return { status: 308, headers: { location: durablePagePath } };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, headers: { Allow: 'GET' } };
    }
    files ??= readFiles(folder);
    return files.get(path === '' ? '/index.html' : path) ?? text(404);
  };
}

/** All files by their path, read once: a request can name no other. */
function readFiles(folder: string): ReadonlyMap<string, Answer> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => types[extname(name)] !== undefined)
      .map((name) => [
        `/${name.replaceAll('\\', '/')}`,
        {
          status: 200,
          headers: { ...security, 'content-type': types[extname(name)] ?? '' },
          body: readFileSync(join(folder, name)),
        },
      ]),
  );
}
