import { presentPipelineRun } from '../shared/data-factory/present-pipeline-run.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { encodeCursor, parseChoice, parseCursor, parseLimit, refuseUnknownParameters } from '../shared/http/paging.ts';
import { services } from '../shared/services.ts';

/** GET /api/pipelines/runs: runs of pipelines, newest first. */
endpoint('list-pipeline-runs', {
  method: 'GET',
  route: 'pipelines/runs',
  access: 'Insights.Read',
  handler: async (request) => {
    refuseUnknownParameters(request, ['pipeline', 'status', 'limit', 'cursor']);
    const status = parseChoice(request, 'status', ['running', 'succeeded', 'failed', 'canceled']);
    const pipeline = request.query.get('pipeline');
    const filter = { ...(pipeline === null ? {} : { pipeline }), ...(status === undefined ? {} : { status }) };
    const { pipelineRuns } = services();
    const page = await pipelineRuns.list(filter, parseLimit(request), parseCursor(request)?.continuation);
    const next = page.continuation === undefined ? null : encodeCursor({ continuation: page.continuation });
    return { jsonBody: { items: page.items.map(presentPipelineRun), next } };
  },
});
