import { createWriteStream, mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { HostSetupError } from '../core/errors.ts';
import { messageOf } from '../core/logger.ts';
import type { Handler } from './server.ts';

/** Takes an entry for each request that was answered. */
export interface AccessLog {
  readonly write: (entry: string) => void;
  /** Resolves when all entries are in the file. */
  readonly close: () => Promise<void>;
}

/** Opens a file to which entries are appended. @throws HostSetupError when its folder cannot be made. */
export function openAccessLog(file: string, onFault: (message: string) => void): AccessLog {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new HostSetupError(`cannot write the access log ${file}: ${messageOf(error)}`, error);
  }
  const stream = createWriteStream(file, { flags: 'a' });
  // An answer must not fail because it cannot be written down.
  stream.on('error', (error) => onFault(`the access log ${file} ends here: ${messageOf(error)}`));
  return {
    write: (entry) => stream.writable && stream.write(`${entry}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

/**
 * Writes down what `next` answers, also where the caller goes before the end.
 * @param ownPath where the app's durable clients call the host: nobody else may learn it.
 */
export function withAccessLog(log: AccessLog, ownPath: string, next: Handler): Handler {
  return (request, response, url) => {
    if (url.pathname.startsWith(ownPath)) {
      return next(request, response, url);
    }
    const at = new Date();
    const sent = countBody(response);
    response.once('close', () => log.write(toEntry(request, response, at, sent.bytes)));
    return next(request, response, url);
  };
}

/** Counts the bytes of a body as they are handed over. */
function countBody(response: ServerResponse): { readonly bytes: number } {
  const sent = { bytes: 0 };
  for (const name of ['write', 'end'] as const) {
    const original = response[name].bind(response) as (...args: unknown[]) => never;
    response[name] = (...args: unknown[]): never => {
      const [chunk, encoding] = args;
      if (typeof chunk === 'string') {
        sent.bytes += Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
      } else if (chunk instanceof Uint8Array) {
        sent.bytes += chunk.length;
      }
      return original(...args);
    };
  }
  return sent;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * An entry of the Combined Log Format, in UTC, without the query: keys and signatures stand in it.
 * Source: https://httpd.apache.org/docs/current/logs.html#combined
 */
export function toEntry(
  { method, url = '/', httpVersion, headers, socket }: IncomingMessage,
  response: ServerResponse,
  at: Date,
  bytes: number,
): string {
  const [path = '/'] = url.split('?', 1);
  const iso = at.toISOString();
  const day = `${iso.slice(8, 10)}/${months[at.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  // 499 as nginx has it: the caller had gone before there was an answer.
  const status = response.headersSent ? response.statusCode : 499;
  return [
    `${socket.remoteAddress ?? '-'} - - [${day}] "${escaped(`${method} ${path} HTTP/${httpVersion}`)}"`,
    `${status} ${bytes > 0 ? bytes : '-'}`,
    `"${escaped(withoutQuery(headers.referer))}" "${escaped(headers['user-agent'])}"`,
  ].join(' ');
}

/** Quotes and what is no printable ASCII cannot break out of an entry; Node gives a header's bytes as Latin-1. */
function escaped(text: string | undefined): string {
  if (text === undefined || text === '') {
    return '-';
  }
  return text.replace(/["\\]|[^ -~]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const withoutQuery = (address: string | undefined) => address?.split('?', 1)[0];
