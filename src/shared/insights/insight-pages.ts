import { createHash } from 'node:crypto';
import type { HttpResponse } from '@azure/functions';
import { lastingResponse } from '../http/lasting-response.ts';
import { encodeCursor } from '../http/paging.ts';
import { createBoundedCache } from '../memory/bounded-cache.ts';
import type { InsightStore, QueryRequest } from './insight-store.ts';
import type { Publication, Publications } from './publication.ts';
import { shareReads } from './shared-read.ts';

/** Pages of insights as they are served. */
export interface InsightPages {
  /** What is published of a dataset: one point read, which requests that wait at the same time share. */
  published(dataset: string): Promise<Publication | undefined>;
  /** A page of a version: at once what it is called, and when it is asked for, what is on it. */
  page(request: PageRequest): InsightPage;
}

export interface InsightPage {
  /** An ETag: the same question to the same version has the same answer. */
  readonly etag: string;
  /** What a client is told of it, also when it has the page already. */
  readonly headers: Readonly<Record<string, string>>;
  /** The page as JSON: one query in one partition, unless it was served before. */
  response(): Promise<HttpResponse>;
}

export interface PageRequest extends Omit<QueryRequest, 'version'> {
  /** Undefined while nothing is published. */
  readonly publication: Publication | undefined;
}

/** How many bytes of pages one instance remembers. */
const LARGEST_BYTES = 32 * 1024 * 1024;

interface Remembered {
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly response?: HttpResponse;
}

/**
 * Serves pages from memory where it can. A version does not change once it is published, so a page of it is remembered under
 * what was asked for, and only which version is published is asked each time.
 */
export function createInsightPages(publications: Publications, insights: InsightStore): InsightPages {
  const pages = createBoundedCache<Remembered>(LARGEST_BYTES, (key, { bytes }) => 2 * key.length + bytes);

  async function read({ publication, ...asked }: PageRequest): Promise<Uint8Array> {
    const { version, publishedAt } = publication ?? { version: 0, publishedAt: null };
    const page = publication === undefined ? { items: [] } : await insights.query({ ...asked, version });
    const next = page.continuation === undefined ? null : encodeCursor({ continuation: page.continuation, version });
    const { dataset, insight } = asked;
    const modelVersions = publication?.modelVersions?.[insight] ?? [];
    const { items } = page;
    return Buffer.from(JSON.stringify({ dataset, insight, version, publishedAt, modelVersions, items, next }));
  }

  return {
    published: shareReads((dataset) => publications.get(dataset)),
    page(request) {
      const { publication, ...asked } = request;
      const key = JSON.stringify([publication?.batch, publication?.version, asked]);
      const known = pages.get(key) ?? unknown(tagOf(key));
      return {
        etag: known.etag,
        headers: known.headers,
        async response() {
          if (known.response !== undefined) return known.response;
          const body = await read(request);
          const response = lastingResponse({ ...known.headers, 'content-type': 'application/json' }, body);
          if (publication !== undefined) pages.set(key, { ...known, bytes: body.length, response });
          return response;
        },
      };
    },
  };
}

function unknown(etag: string): Remembered {
  return { etag, headers: { etag, 'cache-control': 'private, no-cache' }, bytes: 0 };
}

function tagOf(key: string): string {
  return `"${createHash('sha256').update(key).digest('base64url').slice(0, 27)}"`;
}
