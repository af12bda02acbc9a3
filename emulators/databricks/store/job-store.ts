import type { DatabaseSync } from 'node:sqlite';
import type { JobRecord } from '../domain/records.ts';
import { docOf, docsOf } from './documents.ts';

/** The saved jobs. */
export interface JobStore {
  get(jobId: number): JobRecord | undefined;
  put(job: JobRecord): void;
  delete(jobId: number): boolean;
  /** Newest first, those before `before` only, at most `limit`; `name` is matched whole, in any case. */
  list(filter: { before: number; limit: number; name?: string | undefined }): JobRecord[];
}

/** The jobs of a workspace's database. */
export function createJobStore(database: DatabaseSync): JobStore {
  const get = database.prepare('SELECT doc FROM jobs WHERE job_id = ?');
  const put = database.prepare(
    'INSERT INTO jobs (job_id, doc) VALUES (?, ?) ON CONFLICT (job_id) DO UPDATE SET doc = excluded.doc',
  );
  const remove = database.prepare('DELETE FROM jobs WHERE job_id = ?');
  const list = database.prepare(`
    SELECT doc FROM jobs
    WHERE job_id < ?1 AND (?2 IS NULL OR lower(doc ->> '$.settings.name') = lower(?2))
    ORDER BY job_id DESC LIMIT ?3
  `);
  return {
    get: (jobId) => docOf<JobRecord>(get.get(jobId)),
    put: (job) => void put.run(job.jobId, JSON.stringify(job)),
    delete: (jobId) => remove.run(jobId).changes > 0,
    list: ({ before, limit, name }) => docsOf<JobRecord>(list.all(before, name ?? null, limit)),
  };
}
