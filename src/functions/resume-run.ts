import * as df from 'durable-functions';
import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import type { Admission } from '../shared/ledger/batch.ts';
import { startOnce } from '../shared/ledger/start-once.ts';
import { ORCHESTRATORS } from '../shared/names.ts';
import { findRun } from '../shared/runs/find-run.ts';
import { services } from '../shared/services.ts';

/**
 * POST /api/runs/{id}/resume: takes up a batch that failed or was cancelled. Jobs that succeeded are not repeated, unless
 * later batches have run or the contract has changed since: then its files go through a new batch.
 */
endpoint('resume-run', {
  method: 'POST',
  route: 'runs/{id}/resume',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { dataset, id, status, resumes, kind, continuedIn } = await findRun(services().runs, request.params.id);
    if (kind === 'training')
      return problem(409, `A training cannot be resumed; POST /api/models/${dataset}/retrain begins another.`);
    if (kind === 'backfill')
      return problem(409, 'A backfill cannot be resumed; preview another: files that are done are left out of it.');
    if (status !== 'failed' && status !== 'canceled')
      return problem(409, `Run ${id} is ${status}; only one that failed or was cancelled can be resumed.`);
    if (continuedIn !== undefined)
      return problem(409, `The files of run ${id} went on in ${continuedIn}; look at that one.`);
    const times = (resumes ?? 0) + 1;
    const input: Admission = { dataset, resume: { id, times } };
    await startOnce(df.getClient(context), ORCHESTRATORS.admitFile, `resume-${id}-${times}`, input);
    return { status: 202, headers: { location: `/api/runs/${id}` }, jsonBody: { id, href: `/api/runs/${id}` } };
  },
});
