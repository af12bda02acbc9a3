import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the built web app. */
export interface WebFile {
  readonly body: Buffer;
  /** The body compressed, where that makes it smaller. */
  readonly gzip?: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Its name has a hash of its content: it never changes. */
  readonly immutable: boolean;
}

/** The built web app, by paths such as `assets/index-1a2b3c.js`. */
export interface WebFiles {
  /** The file at a path; for a path of a view, such as `operations`, the page itself; undefined when there is none. */
  find(path: string): WebFile | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
};

/**
 * Reads all files of a folder once. They are few and small, so they are kept in memory, and a request can name only what is
 * among them: no path of a request ever reaches the file system. A folder that is not there has no files.
 */
export function loadWebFiles(folder: string): WebFiles {
  const files = new Map<string, WebFile>();
  for (const path of listFiles(folder)) {
    const extension = /\.(?<extension>[a-z0-9]+)$/.exec(path)?.groups?.extension ?? '';
    const type = TYPES[extension];
    if (type !== undefined) files.set(path, readWebFile(join(folder, path), path, type));
  }
  const page = files.get('index.html');
  return { find: (path) => files.get(path) ?? (/\.[a-z0-9]+$/i.test(path) ? undefined : page) };
}

function readWebFile(file: string, path: string, type: string): WebFile {
  const body = readFileSync(file);
  const gzip = type.startsWith('image/png') ? undefined : gzipSync(body, { level: 9 });
  return {
    body,
    ...(gzip === undefined || gzip.length > 0.9 * body.length ? {} : { gzip }),
    type,
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    immutable: path.startsWith('assets/'),
  };
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  } catch {
    return [];
  }
}
