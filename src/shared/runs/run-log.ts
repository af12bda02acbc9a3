import type { Container, PatchOperation } from '@azure/cosmos';
import { newestFirst } from '../cosmos/newest-first.ts';
import type { Page } from '../cosmos/pages.ts';
import { statusOf } from '../errors.ts';
import type { RunRecord, RunStatus, StepRecord } from './run-record.ts';

/** The runs of all batches, of trainings and of backfills. */
export interface RunLog {
  /** Opens a record; one that is there already stays as it is. */
  open(run: RunRecord): Promise<void>;
  /** Makes a run that ended go on, as resumed for the how manieth time. Repeating it changes nothing. */
  reopen(dataset: string, id: string, resumes: number): Promise<void>;
  /** Notes on batches that failed or were cancelled in which later batch their files went on. Others stay as they are. */
  continueIn(dataset: string, ids: readonly string[], later: string): Promise<void>;
  get(dataset: string, id: string): Promise<RunRecord | undefined>;
  update(dataset: string, id: string, fields: Partial<Omit<RunRecord, 'id' | 'dataset' | 'steps'>>): Promise<void>;
  /** Records a step; a step that is repeated replaces its earlier record. */
  step(dataset: string, id: string, name: string, step: StepRecord): Promise<void>;
  /** The highest batch number of a dataset, 0 when it has none. */
  lastNumber(dataset: string): Promise<number>;
  /** Runs of some datasets, newest first. */
  list(
    filter: { readonly datasets: readonly string[]; readonly status?: RunStatus; readonly kind?: RunRecord['kind'] },
    limit: number,
    continuation?: string,
  ): Promise<Page<RunRecord>>;
}

/** What a run has only once it has ended. */
const ENDING = ['endedAt', 'error', 'cancelRequested'] as const;

/** The log in a Cosmos DB container whose partition key is the dataset. */
export function createRunLog(container: Container): RunLog {
  const patch = async (dataset: string, id: string, operations: PatchOperation[]): Promise<void> => {
    await container.item(id, dataset).patch(operations);
  };
  const update: RunLog['update'] = (dataset, id, fields) =>
    patch(
      dataset,
      id,
      Object.entries(fields).map(([name, value]) => ({ op: 'set', path: `/${name}`, value })),
    );
  const get: RunLog['get'] = async (dataset, id) => (await container.item(id, dataset).read<RunRecord>()).resource;
  return {
    async open(run) {
      try {
        await container.items.create(run);
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
    },
    async reopen(dataset, id, resumes) {
      const run = await get(dataset, id);
      if (run === undefined || run.resumes === resumes) return;
      await patch(dataset, id, [
        { op: 'set', path: '/status', value: 'running' },
        { op: 'set', path: '/resumes', value: resumes },
        ...ENDING.filter((name) => run[name] !== undefined).map((name) => ({
          op: 'remove' as const,
          path: `/${name}`,
        })),
      ]);
    },
    async continueIn(dataset, ids, later) {
      for (const id of ids) {
        const status = (await get(dataset, id))?.status;
        if (status === 'failed' || status === 'canceled') await update(dataset, id, { continuedIn: later });
      }
    },
    get,
    update,
    step: (dataset, id, name, step) => patch(dataset, id, [{ op: 'set', path: `/steps/${name}`, value: step }]),
    async lastNumber(dataset) {
      const query = 'SELECT TOP 1 * FROM c ORDER BY c.number DESC';
      const { resources } = await container.items.query<RunRecord>(query, { partitionKey: dataset }).fetchAll();
      return resources[0]?.number ?? 0;
    },
    list: ({ datasets, ...filter }, limit, continuation) =>
      newestFirst<RunRecord>(container, {
        partitions: datasets,
        time: 'startedAt',
        filter,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      }),
  };
}
