import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { WebFile, WebFiles } from './web-files.ts';

/** Headers of every answer of the web app. `connectTo` are the origins that it calls beside its own. */
export function securityHeaders(connectTo: readonly string[]): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connectTo].join(' ')}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

/** Answers a request for a file of the web app: hashed files for a year, all others checked by their ETag each time. */
export function answerWeb(
  request: Pick<HttpRequest, 'headers'>,
  path: string,
  files: WebFiles,
  security: Readonly<Record<string, string>>,
): HttpResponseInit {
  const file = files.find(path);
  if (file === undefined) {
    return {
      status: 404,
      headers: { ...security, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: path === '' ? 'The web app is not built: run npm run build.' : 'There is no such file.',
    };
  }
  const zipped = file.gzip !== undefined && acceptsGzip(request.headers.get('accept-encoding'));
  const headers = { ...security, ...headersOf(file, zipped) };
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(headers.etag)) return { status: 304, headers };
  return { headers, body: zipped ? file.gzip : file.body };
}

function headersOf(file: WebFile, zipped: boolean): Readonly<Record<string, string>> & { readonly etag: string } {
  return {
    'content-type': file.type,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${file.etag}${zipped ? '-gzip' : ''}"`,
    vary: 'accept-encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  };
}

function acceptsGzip(header: string | null): boolean {
  return (header ?? '').split(',').some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$)|$)/i.test(coding));
}
