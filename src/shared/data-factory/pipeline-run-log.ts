import type { Container } from '@azure/cosmos';
import { newestFirst } from '../cosmos/newest-first.ts';
import type { Page } from '../cosmos/pages.ts';
import { statusOf } from '../errors.ts';
import { isPipelineRunId, type PipelineRunRecord, type PipelineRunStatus } from './pipeline-run-record.ts';

/** The runs of a factory's pipelines. */
export interface PipelineRunLog {
  /** Opens a run's record unless there is one; gives the record as it now stands. */
  open(run: Omit<PipelineRunRecord, 'factory'>): Promise<PipelineRunRecord>;
  get(id: string): Promise<PipelineRunRecord | undefined>;
  /** Notes that the factory is being asked, if nothing changed since the record was read; says whether it was noted. */
  claim(record: PipelineRunRecord, askedAt: string): Promise<boolean>;
  update(id: string, fields: PipelineRunChanges): Promise<void>;
  /** Runs, newest first. */
  list(
    filter: { readonly pipeline?: string; readonly status?: PipelineRunStatus },
    limit: number,
    continuation?: string,
  ): Promise<Page<PipelineRunRecord>>;
}

export type PipelineRunChanges = Partial<Omit<PipelineRunRecord, 'id' | 'factory' | 'pipeline'>>;

/** The log in a Cosmos DB container whose partition key is the factory: a few runs a day stay far below its limits. */
export function createPipelineRunLog(container: Container, factory: string): PipelineRunLog {
  const get: PipelineRunLog['get'] = async (id) =>
    isPipelineRunId(id) ? (await container.item(id, factory).read<PipelineRunRecord>()).resource : undefined;
  return {
    get,
    async open(run) {
      const record: PipelineRunRecord = { ...run, factory };
      try {
        await container.items.create(record);
        return record;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        return (await get(run.id)) ?? record;
      }
    },
    async claim(record, askedAt) {
      const { _etag: condition = '' } = record as PipelineRunRecord & { readonly _etag?: string };
      try {
        await container.item(record.id, factory).patch([{ op: 'set', path: '/askedAt', value: askedAt }], {
          accessCondition: { type: 'IfMatch', condition },
        });
        return true;
      } catch (error) {
        if (statusOf(error) !== 412) throw error;
        return false;
      }
    },
    async update(id, fields) {
      const operations = Object.entries(fields).map(
        ([name, value]) => ({ op: 'set', path: `/${name}`, value }) as const,
      );
      for (let first = 0; first < operations.length; first += MOST_OPERATIONS)
        await container.item(id, factory).patch(operations.slice(first, first + MOST_OPERATIONS));
    },
    list: (filter, limit, continuation) =>
      newestFirst<PipelineRunRecord>(container, {
        partitions: [factory],
        time: 'startedAt',
        filter,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      }),
  };
}

/** Cosmos DB takes no more in one patch. */
const MOST_OPERATIONS = 10;
