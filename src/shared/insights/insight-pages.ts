import { createHash } from 'node:crypto';
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
  /** The page as JSON in UTF-8: one query in one partition, unless it was served before. */
  body(): Promise<Uint8Array>;
}

export interface PageRequest extends Omit<QueryRequest, 'version'> {
  /** Undefined while nothing is published. */
  readonly publication: Publication | undefined;
}

/** How many bytes of pages one instance remembers. */
const LARGEST_BYTES = 32 * 1024 * 1024;

interface Remembered {
  readonly etag: string;
  readonly body?: Uint8Array;
}

/**
 * Serves pages from memory where it can. A version does not change once it is published, so a page of it is remembered under
 * what was asked for, and only which version is published is asked each time.
 */
export function createInsightPages(publications: Publications, insights: InsightStore): InsightPages {
  const pages = createBoundedCache<Remembered>(LARGEST_BYTES, (key, { body }) => 2 * key.length + (body?.length ?? 0));

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
      const known = pages.get(key) ?? { etag: tagOf(key) };
      return {
        etag: known.etag,
        async body() {
          if (known.body !== undefined) return known.body;
          const body = await read(request);
          if (publication !== undefined) pages.set(key, { etag: known.etag, body });
          return body;
        },
      };
    },
  };
}

function tagOf(key: string): string {
  return `"${createHash('sha256').update(key).digest('base64url').slice(0, 27)}"`;
}
