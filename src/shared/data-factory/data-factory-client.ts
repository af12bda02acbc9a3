import type { ActivityRun, DataFactoryManagementClient, PipelineRun } from '@azure/arm-datafactory';
import { LandfallError, messageOf, statusOf } from '../errors.ts';
import { PIPELINE_NAME, type PipelineCopy } from './pipeline-run-record.ts';

/**
 * The parameter by which a run is recognised: createRun has no idempotency token, but a run carries its parameters. A
 * pipeline that declares it can be started by the app; no other can.
 */
export const REQUEST_ID = 'requestId';

/** A pipeline that the app may start. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly PipelineParameter[];
}

export interface PipelineParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

/** A run as the factory tells it. */
export interface FactoryRun {
  readonly state: 'active' | 'succeeded' | 'failed' | 'canceled';
  readonly message: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

/** A factory as far as the app uses it. */
export interface DataFactory {
  pipelines(): Promise<readonly Pipeline[]>;
  /** A pipeline that the app may start; undefined when there is none of that name. */
  pipeline(name: string): Promise<Pipeline | undefined>;
  /**
   * Starts a run. Every call starts one: see `find`.
   * @throws LandfallError `PipelineRefused` when the factory says no, so that certainly no run was made
   */
  start(pipeline: string, parameters: Readonly<Record<string, unknown>>, requestId: string): Promise<string>;
  /** The run that was started with this request id since a time, if the factory lists one. */
  find(pipeline: string, requestId: string, since: Date): Promise<string | undefined>;
  run(runId: string): Promise<FactoryRun>;
  /** What the Copy activities of a run moved, in order of their start. */
  copies(runId: string): Promise<readonly PipelineCopy[]>;
  /** Asks a run to end, with the runs that it started; one that has ended stays as it is. */
  cancel(runId: string): Promise<void>;
}

/** Runs are kept for 45 days: nothing older can be asked for. */
const KEPT_MILLISECONDS = 45 * 24 * 3_600_000;
const CLOCKS_DIFFER_BY_MILLISECONDS = 5 * 60_000;

/**
 * A factory by Microsoft's client. The client must not retry by itself: it would start a pipeline twice when an answer
 * is lost. Whoever calls repeats, knowing what may be repeated.
 */
export function createDataFactory(client: DataFactoryManagementClient, group: string, factory: string): DataFactory {
  const updatedSince = (since: Date) => ({
    lastUpdatedAfter: since,
    lastUpdatedBefore: new Date(Date.now() + CLOCKS_DIFFER_BY_MILLISECONDS),
  });
  const pipeline: DataFactory['pipeline'] = async (name) => {
    if (!PIPELINE_NAME.test(name)) return undefined;
    try {
      return toPipeline({ ...(await client.pipelines.get(group, factory, name)), name });
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  };
  const run: DataFactory['run'] = async (runId) => {
    try {
      return toRun(await client.pipelineRuns.get(group, factory, runId));
    } catch (error) {
      if (statusOf(error) === 404) return GONE;
      throw error;
    }
  };
  return {
    async pipelines() {
      const found: Pipeline[] = [];
      for await (const resource of client.pipelines.listByFactory(group, factory)) {
        const startable = toPipeline(resource);
        if (startable !== undefined) found.push(startable);
      }
      return found;
    },
    pipeline,
    async start(name, parameters, requestId) {
      try {
        const options = { parameters: { ...parameters, [REQUEST_ID]: requestId } };
        return (await client.pipelines.createRun(group, factory, name, options)).runId;
      } catch (error) {
        const status = statusOf(error) ?? 0;
        if (status < 400 || status >= 500 || status === 408 || status === 429) throw error;
        throw new LandfallError('PipelineRefused', `Data Factory refused '${name}': ${messageOf(error)}`);
      }
    },
    async find(name, requestId, since) {
      const filters = [{ operand: 'PipelineName', operator: 'Equals', values: [name] }];
      const window = updatedSince(new Date(since.getTime() - CLOCKS_DIFFER_BY_MILLISECONDS));
      const query = (token: Token) =>
        client.pipelineRuns.queryByFactory(group, factory, { ...window, filters, ...token });
      for await (const found of pages(query)) if (found.parameters?.[REQUEST_ID] === requestId) return found.runId;
      return undefined;
    },
    run,
    async copies(runId) {
      const filters = [{ operand: 'ActivityType', operator: 'Equals', values: ['Copy'] }];
      const window = updatedSince(new Date(Date.now() - KEPT_MILLISECONDS));
      const copies: ActivityRun[] = [];
      const query = (token: Token) =>
        client.activityRuns.queryByPipelineRun(group, factory, runId, { ...window, filters, ...token });
      try {
        for await (const copy of pages(query)) if (copy.status !== 'Skipped') copies.push(copy);
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
      const began = (copy: ActivityRun) => copy.activityRunStart?.getTime() ?? 0;
      return copies.sort((a, b) => began(a) - began(b)).map(toCopy);
    },
    async cancel(runId) {
      try {
        await client.pipelineRuns.cancel(group, factory, runId, { isRecursive: true });
      } catch (error) {
        if ((await run(runId)).state === 'active') throw error; // else it has ended, which is also refused
      }
    },
  };
}

/** A run that is older than what the factory keeps, or that went with its factory. */
const GONE: FactoryRun = {
  state: 'failed',
  message: 'Data Factory does not know this run any more.',
  startedAt: new Date(0).toISOString(),
};

interface Token {
  readonly continuationToken?: string;
}

/** The items of all pages of a query. */
async function* pages<T>(
  query: (token: Token) => Promise<{ value: T[]; continuationToken?: string }>,
): AsyncGenerator<T> {
  let token: Token = {};
  while (true) {
    const { value, continuationToken } = await query(token);
    yield* value;
    if (!continuationToken) return;
    token = { continuationToken };
  }
}

function toPipeline(resource: {
  readonly name?: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, { readonly type: string; readonly defaultValue?: unknown }>>;
}): Pipeline | undefined {
  const { name, description = '', parameters = {} } = resource;
  if (name === undefined || parameters[REQUEST_ID] === undefined) return undefined;
  return {
    name,
    description,
    parameters: Object.entries(parameters)
      .filter(([parameter]) => parameter !== REQUEST_ID)
      .map(([parameter, { type, defaultValue }]) => ({ name: parameter, type, required: defaultValue === undefined })),
  };
}

const STATES: Readonly<Record<string, FactoryRun['state']>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Cancelled: 'canceled',
};

/** Queued, InProgress and Canceling are all still under way. */
function toRun({ status = '', message = '', runStart, runEnd }: PipelineRun): FactoryRun {
  return {
    state: STATES[status] ?? 'active',
    message,
    startedAt: (runStart ?? new Date(0)).toISOString(),
    ...(runEnd ? { endedAt: runEnd.toISOString() } : {}),
  };
}

function toCopy(run: ActivityRun): PipelineCopy {
  const output = fieldsOf(run.output);
  const properties = fieldsOf(run.userProperties);
  const number = (name: string): number => (typeof output[name] === 'number' ? output[name] : 0);
  const text = (name: 'table' | 'landed') => {
    const value = properties[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  return {
    activity: run.activityName ?? '',
    ...text('table'),
    ...text('landed'),
    succeeded: run.status === 'Succeeded',
    rowsRead: number('rowsRead'),
    rowsWritten: number('rowsCopied'),
    filesWritten: number('filesWritten'),
    bytesWritten: number('dataWritten'),
    seconds: (run.durationInMs ?? 0) / 1000,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
