import { LandfallError } from '../errors.ts';

/** A run as far as the app looks at it. Ids are 64-bit and stay text. */
export interface DatabricksRun {
  readonly runId: string;
  readonly state: 'active' | 'succeeded' | 'failed' | 'canceled';
  /** What the service says of a run that did not succeed. */
  readonly message: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** The Jobs API as far as the app uses it. */
export interface DatabricksClient {
  /**
   * Starts a job by name. The same idempotency token (at most 64 characters) always gives the same run.
   * @throws LandfallError `DatabricksError` with the service's error code and message.
   */
  startJob(name: string, parameters: Readonly<Record<string, string>>, idempotencyToken: string): Promise<string>;
  getRun(runId: string): Promise<DatabricksRun>;
  /** The error text and trace of a run that failed; empty when there is none. */
  errorOf(runId: string): Promise<string>;
  cancelRun(runId: string): Promise<void>;
}

/**
 * The REST API of a Databricks workspace (Jobs 2.2).
 * Source: docs.databricks.com/api/azure/workspace/jobs. The vendor's SDK for TypeScript is not for production yet.
 * @param token gives a bearer token: a personal access token or one of Entra ID.
 */
export function createDatabricksClient(host: string, token: () => Promise<string>): DatabricksClient {
  const jobIds = new Map<string, string>();

  const call = async (method: 'GET' | 'POST', path: string, body?: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${host}/api/2.2/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = parseWithTextIds(await response.text());
    if (!response.ok) {
      const { error_code: code, message } = answer;
      throw new LandfallError(
        'DatabricksError',
        `Databricks refused ${method} ${path}: ${response.status} ${String(code ?? '')} ${String(message ?? '')}`.trim(),
      );
    }
    return answer;
  };

  const jobId = async (name: string): Promise<string> => {
    const known = jobIds.get(name);
    if (known !== undefined) return known;
    const { jobs } = await call('GET', `jobs/list?name=${encodeURIComponent(name)}`);
    const [job] = Array.isArray(jobs) ? (jobs as Record<string, unknown>[]) : [];
    const id = job?.job_id;
    if (typeof id !== 'string')
      throw new LandfallError(
        'DatabricksError',
        `The workspace has no job '${name}': deploy the bundle in databricks/.`,
      );
    jobIds.set(name, id);
    return id;
  };

  return {
    async startJob(name, parameters, idempotencyToken) {
      const id = await jobId(name);
      const settings = JSON.stringify({ idempotency_token: idempotencyToken, job_parameters: parameters });
      // The id is spliced in as a number: JSON.stringify would send a 64-bit id as a string.
      const { run_id: runId } = await call('POST', 'jobs/run-now', `{"job_id":${id},${settings.slice(1)}`);
      return String(runId);
    },
    getRun: async (runId) => toRun(await call('GET', `jobs/runs/get?run_id=${runId}`)),
    async errorOf(runId) {
      const { tasks } = await call('GET', `jobs/runs/get?run_id=${runId}`);
      const last = (Array.isArray(tasks) ? (tasks as Record<string, unknown>[]) : []).at(-1);
      if (last === undefined) return '';
      const { error } = await call('GET', `jobs/runs/get-output?run_id=${String(last.run_id)}`);
      return typeof error === 'string' ? error : '';
    },
    async cancelRun(runId) {
      await call('POST', 'jobs/runs/cancel', `{"run_id":${runId}}`);
    },
  };
}

/** Parses JSON, keeping ids of 64 bits as text: as numbers they would lose digits. */
function parseWithTextIds(text: string): Record<string, unknown> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text, (key, value: unknown, context?: { source: string }) => {
    if ((key !== 'run_id' && key !== 'job_id') || typeof value !== 'number') return value;
    if (context === undefined)
      throw new LandfallError('OldNode', 'Ids of 64 bits need Node 22 or newer; run the app on it.');
    return context.source;
  });
  if (typeof value !== 'object' || value === null)
    throw new LandfallError('DatabricksError', 'Databricks answered with something else than a JSON object.');
  return value as Record<string, unknown>;
}

function toRun(run: Record<string, unknown>): DatabricksRun {
  const state = (run.state ?? {}) as { life_cycle_state?: string; result_state?: string; state_message?: string };
  const start = run.start_time;
  const end = run.end_time;
  return {
    runId: String(run.run_id),
    state: stateOf(state.life_cycle_state, state.result_state),
    message: [state.result_state ?? state.life_cycle_state, state.state_message].filter(Boolean).join(': '),
    ...(typeof start === 'number' && start > 0 ? { startedAt: new Date(start).toISOString() } : {}),
    ...(typeof end === 'number' && end > 0 ? { endedAt: new Date(end).toISOString() } : {}),
  };
}

/** TERMINATED alone says only that the run ended: success is in its result. */
function stateOf(lifeCycle: string | undefined, result: string | undefined): DatabricksRun['state'] {
  if (lifeCycle === 'SKIPPED' || lifeCycle === 'INTERNAL_ERROR') return 'failed';
  if (lifeCycle !== 'TERMINATED') return 'active';
  if (result === 'SUCCESS') return 'succeeded';
  return result === 'CANCELED' ? 'canceled' : 'failed';
}
