import { plain } from '../shared/cosmos/plain.ts';
import { filesOfRun } from '../shared/data-factory/files-of-run.ts';
import { findPipelineRun } from '../shared/data-factory/find-pipeline-run.ts';
import { presentPipelineRun } from '../shared/data-factory/present-pipeline-run.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { services } from '../shared/services.ts';

/** GET /api/pipelines/runs/{id}: one run, what it copied, and what became of the files that it landed. */
endpoint('get-pipeline-run', {
  method: 'GET',
  route: 'pipelines/runs/{id}',
  access: 'Insights.Read',
  handler: async (request) => {
    const app = services();
    const run = await findPipelineRun(app.pipelineRuns, request.params.id);
    return { jsonBody: { ...presentPipelineRun(run), fileRecords: (await filesOfRun(app, run)).map(plain) } };
  },
});
