import type { Container, PatchOperation } from '@azure/cosmos';
import { newestFirst } from '../cosmos/newest-first.ts';
import type { Page } from '../cosmos/pages.ts';
import { LandfallError, statusOf } from '../errors.ts';
import { chunks } from '../some-at-once.ts';
import type { FileRecord, FileStatus } from './file-record.ts';

/** The books of every file that ever landed. */
export interface FileLedger {
  /** Enters a file unless it is known; gives the record as it now stands. */
  enter(file: FileRecord): Promise<FileRecord>;
  get(dataset: string, id: string): Promise<FileRecord | undefined>;
  /** Sets some fields of a record. */
  update(dataset: string, id: string, fields: FileChanges): Promise<void>;
  /** Makes a file that a batch failed with `arrived` again; another one stays as it is. Gives the record as it now stands. */
  reopen(dataset: string, id: string): Promise<FileRecord | undefined>;
  /** Sets some fields of each of some records. */
  updateAll(dataset: string, changes: readonly RecordChange[]): Promise<void>;
  /** The records of some ids; what is not there is left out. */
  some(dataset: string, ids: readonly string[]): Promise<readonly FileRecord[]>;
  /** Files that wait for a batch, those that landed first in front; of a batch that is resumed only its own. */
  arrived(dataset: string, limit: number, batch?: string): Promise<readonly FileRecord[]>;
  /** All entries of a set. */
  ofSet(dataset: string, set: string): Promise<readonly FileRecord[]>;
  /** All versions of one path. */
  versions(dataset: string, path: string): Promise<readonly FileRecord[]>;
  /** All versions of each of some paths. */
  versionsOf(dataset: string, paths: readonly string[]): Promise<ReadonlyMap<string, readonly FileRecord[]>>;
  /** Files of some datasets, newest first. */
  list(filter: FileFilter, limit: number, continuation?: string): Promise<Page<FileRecord>>;
  /** Entries that tell how it stands with their path, newest first: they were read, or refused, and nothing took their place. */
  standing(filter: StandingFilter, limit: number, continuation?: string): Promise<Page<FileRecord>>;
  /** Files with quarantined rows, newest first: those that still count and are not corrected, or all of a batch. */
  quarantined(filter: QuarantineFilter, limit: number, continuation?: string): Promise<Page<FileRecord>>;
}

export type FileChanges = Partial<Omit<FileRecord, 'id' | 'dataset' | 'path' | 'etag'>>;

export interface RecordChange {
  readonly id: string;
  readonly fields: FileChanges;
  /** Fields to remove; each must be there. */
  readonly without?: readonly (keyof FileChanges)[];
}

export interface FileFilter {
  readonly datasets: readonly string[];
  readonly status?: FileStatus;
  readonly batch?: string;
}

/** When the files landed: ISO 8601 in UTC, the second being the first moment that is out. */
export interface StandingFilter {
  readonly dataset: string;
  readonly landedFrom?: string;
  readonly landedBefore: string;
}

export interface QuarantineFilter {
  readonly dataset: string;
  readonly path?: string;
  readonly rule?: string;
  readonly batch?: string;
}

/** A transactional batch takes 100 operations; a query with more values than that gets no faster. */
const AT_ONCE = 100;

/** The ledger in a Cosmos DB container whose partition key is the dataset. */
export function createFileLedger(container: Container): FileLedger {
  const get: FileLedger['get'] = async (dataset, id) => (await container.item(id, dataset).read<FileRecord>()).resource;
  const update: FileLedger['update'] = async (dataset, id, fields) => {
    await container.item(id, dataset).patch(settings(fields));
  };
  const having = async (dataset: string, field: 'id' | 'path', values: readonly string[]): Promise<FileRecord[]> => {
    const pages = await Promise.all(
      chunks(values, AT_ONCE).map(async (chunk) => {
        const names = chunk.map((_, index) => `@v${index}`);
        const query = `SELECT * FROM c WHERE c.${field} IN (${names.join(', ')})`;
        const parameters = chunk.map((value, index) => ({ name: `@v${index}`, value }));
        const found = container.items.query<FileRecord>({ query, parameters }, { partitionKey: dataset });
        return (await found.fetchAll()).resources;
      }),
    );
    return pages.flat();
  };
  return {
    get,
    async enter(file) {
      try {
        await container.items.create(file);
        return file;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const known = (await get(file.dataset, file.id)) ?? file;
        if (known.sequencer !== '' || file.sequencer === '') return known;
        await update(file.dataset, file.id, { sequencer: file.sequencer }); // the sweep came before the event
        return { ...known, sequencer: file.sequencer };
      }
    },
    update,
    async updateAll(dataset, changes) {
      for (const chunk of chunks(changes, AT_ONCE)) {
        const operations = chunk.map(({ id, fields, without = [] }) => ({
          operationType: 'Patch' as const,
          id,
          resourceBody: {
            operations: [...settings(fields), ...without.map((name) => ({ op: 'remove' as const, path: `/${name}` }))],
          },
        }));
        const { result, code } = await container.items.batch(operations, dataset);
        const refused = result?.find(({ statusCode }) => statusCode >= 300 && statusCode !== 424);
        if (code === undefined || code >= 300 || refused !== undefined)
          throw new LandfallError(
            'LedgerNotWritten',
            `${chunk.length} entries of '${dataset}' were refused with status ${refused?.statusCode ?? code}.`,
          );
      }
    },
    some: (dataset, ids) => having(dataset, 'id', ids),
    async arrived(dataset, limit, batch) {
      const ofBatch = batch === undefined ? '' : ' AND c.batch = @batch';
      const query = {
        query: `SELECT TOP ${limit} * FROM c WHERE c.status = 'arrived'${ofBatch} ORDER BY c.landedAt`,
        parameters: batch === undefined ? [] : [{ name: '@batch', value: batch }],
      };
      return (await container.items.query<FileRecord>(query, { partitionKey: dataset }).fetchAll()).resources;
    },
    async ofSet(dataset, set) {
      const query = { query: 'SELECT * FROM c WHERE c["set"] = @set', parameters: [{ name: '@set', value: set }] };
      return (await container.items.query<FileRecord>(query, { partitionKey: dataset }).fetchAll()).resources;
    },
    async reopen(dataset, id) {
      const file = await get(dataset, id);
      if (file?.status !== 'failed') return file;
      const { reason, ...rest } = file;
      const operations: PatchOperation[] = [{ op: 'set', path: '/status', value: 'arrived' }];
      if (reason !== undefined) operations.push({ op: 'remove', path: '/reason' });
      await container.item(id, dataset).patch(operations);
      return { ...rest, status: 'arrived' };
    },
    async versions(dataset, path) {
      const query = { query: 'SELECT * FROM c WHERE c.path = @path', parameters: [{ name: '@path', value: path }] };
      return (await container.items.query<FileRecord>(query, { partitionKey: dataset }).fetchAll()).resources;
    },
    async versionsOf(dataset, paths) {
      return Map.groupBy(await having(dataset, 'path', paths), ({ path }) => path);
    },
    list: ({ datasets, ...filter }, limit, continuation) =>
      newestFirst<FileRecord>(container, {
        partitions: datasets,
        time: 'landedAt',
        filter,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      }),
    standing: ({ dataset, landedFrom, landedBefore }, limit, continuation) =>
      newestFirst<FileRecord>(container, {
        partitions: [dataset],
        time: 'landedAt',
        filter: {},
        where: {
          conditions: [
            "c.status IN ('published', 'failed', 'rejected')",
            'NOT IS_DEFINED(c.replacedBy)',
            'c.landedAt < @landedBefore',
            ...(landedFrom === undefined ? [] : ['c.landedAt >= @landedFrom']),
          ],
          parameters: [
            { name: '@landedBefore', value: landedBefore },
            ...(landedFrom === undefined ? [] : [{ name: '@landedFrom', value: landedFrom }]),
          ],
        },
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      }),
    quarantined: ({ dataset, path, rule, batch }, limit, continuation) =>
      newestFirst<FileRecord>(container, {
        partitions: [dataset],
        time: 'landedAt',
        filter: { path, batch },
        where: {
          conditions: [
            'c.rows.quarantined > 0',
            ...(batch === undefined ? ['NOT IS_DEFINED(c.replacedBy)', 'NOT IS_DEFINED(c.correctedBy)'] : []),
            ...(rule === undefined ? [] : ['ARRAY_CONTAINS(c.reasons, {"rule": @rule}, true)']),
          ],
          parameters: rule === undefined ? [] : [{ name: '@rule', value: rule }],
        },
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      }),
  };
}

function settings(fields: FileChanges): PatchOperation[] {
  return Object.entries(fields).map(([name, value]) => ({ op: 'set', path: `/${name}`, value }));
}
