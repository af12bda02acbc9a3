import * as df from 'durable-functions';
import { CANCEL_EVENT, pipelineInstance } from '../shared/data-factory/drive-pipeline-run.ts';
import { findPipelineRun } from '../shared/data-factory/find-pipeline-run.ts';
import { presentPipelineRun } from '../shared/data-factory/present-pipeline-run.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';

/** POST /api/pipelines/runs/{id}/cancel: asks a run to end; 202, and the run tells when it has. */
endpoint('cancel-pipeline-run', {
  method: 'POST',
  route: 'pipelines/runs/{id}/cancel',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const run = await findPipelineRun(services().pipelineRuns, request.params.id);
    const { id } = run;
    if (run.status !== 'running') return problem(409, `Run '${id}' has ended already: ${run.status}.`);
    await df.getClient(context).raiseEvent(pipelineInstance(id), CANCEL_EVENT, null);
    const location = `/api/pipelines/runs/${encodeURIComponent(id)}`;
    return { status: 202, headers: { location }, jsonBody: presentPipelineRun(run) };
  },
});
