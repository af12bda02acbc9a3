import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import { findRun } from '../shared/runs/find-run.ts';
import { services } from '../shared/services.ts';

/**
 * POST /api/runs/{id}/cancel: asks a batch to end before it is published, its Databricks run included. One that is about
 * to be published already may still be. A backfill ends with the batch that is under way.
 */
endpoint('cancel-run', {
  method: 'POST',
  route: 'runs/{id}/cancel',
  access: 'Pipeline.Operate',
  handler: async (request) => {
    const { runs } = services();
    const { dataset, id, status } = await findRun(runs, request.params.id);
    if (status !== 'running')
      return problem(409, `Run ${id} has ended already (${status}); nothing is left to cancel.`);
    await runs.update(dataset, id, { cancelRequested: true });
    return { status: 202, headers: { location: `/api/runs/${id}` }, jsonBody: { id, href: `/api/runs/${id}` } };
  },
});
