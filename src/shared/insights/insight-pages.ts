import { createHash } from 'node:crypto';
import { encodeCursor } from '../http/paging.ts';
import { type BoundedCache, createBoundedCache } from '../memory/bounded-cache.ts';
import type { InsightStore, QueryRequest } from './insight-store.ts';
import type { Publication, Publications } from './publication.ts';
import { shareReads } from './shared-read.ts';

/** Pages of insights as they are served. */
export interface InsightPages {
  /** What is published of a dataset: one point read, which requests that wait at the same time share. */
  published(dataset: string): Promise<Publication | undefined>;
  /** A page of the published version, as JSON in UTF-8: one query in one partition unless it was served before. */
  page(request: PageRequest): Promise<Uint8Array>;
}

export interface PageRequest extends Omit<QueryRequest, 'version'> {
  readonly publication: Publication;
}

/** How many bytes of pages one instance remembers. */
const LARGEST_BYTES = 32 * 1024 * 1024;

/**
 * Serves pages from memory where it can. A version does not change once it is published, so a page of it is remembered under
 * what was asked for, and only which version is published is asked each time.
 */
export function createInsightPages(publications: Publications, insights: InsightStore): InsightPages {
  const pages: BoundedCache<Uint8Array> = createBoundedCache(
    LARGEST_BYTES,
    (key, body) => 2 * key.length + body.length,
  );
  return {
    published: shareReads((dataset) => publications.get(dataset)),
    async page({ publication, ...asked }) {
      const key = JSON.stringify([publication.batch, publication.version, asked]);
      const known = pages.get(key);
      if (known !== undefined) return known;
      const { version, publishedAt } = publication;
      const { items, continuation } = await insights.query({ ...asked, version });
      const next = continuation === undefined ? null : encodeCursor({ continuation, version });
      const { dataset, insight } = asked;
      const modelVersions = publication.modelVersions?.[insight] ?? [];
      const body = Buffer.from(JSON.stringify({ dataset, insight, version, publishedAt, modelVersions, items, next }));
      pages.set(key, body);
      return body;
    },
  };
}

/** A name for an answer: the same question to the same version is the same answer. */
export function pageTag(question: readonly unknown[]): string {
  return `"${createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 27)}"`;
}
