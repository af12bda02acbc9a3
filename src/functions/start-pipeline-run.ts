import { randomUUID } from 'node:crypto';
import * as df from 'durable-functions';
import { startPipelineRun } from '../shared/data-factory/drive-pipeline-run.ts';
import { parsePipelineRequest } from '../shared/data-factory/parse-request.ts';
import { presentPipelineRun } from '../shared/data-factory/present-pipeline-run.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { optionalJsonBody } from '../shared/http/json-body.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';

/** POST /api/pipelines/{name}/runs: starts a pipeline; 202 with the run, which Location tells how to follow. */
endpoint('start-pipeline-run', {
  method: 'POST',
  route: 'pipelines/{name}/runs',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { name = '' } = request.params;
    const app = services();
    const pipeline = await app.pipelines.factory().pipeline(name);
    if (pipeline === undefined) return problem(404, `There is no pipeline '${name}'; GET /api/pipelines lists them.`);
    const asked = parsePipelineRequest(pipeline, await optionalJsonBody(request));
    const id = `${pipeline.name}-${randomUUID()}`;
    const run = await startPipelineRun(app, df.getClient(context), { id, ...asked }, 'request');
    const location = `/api/pipelines/runs/${encodeURIComponent(id)}`;
    return { status: 202, headers: { location }, jsonBody: presentPipelineRun(run) };
  },
});
