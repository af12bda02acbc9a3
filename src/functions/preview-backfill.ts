import { parseBackfillRequest } from '../shared/backfill/parse-backfill-request.ts';
import { previewBackfill } from '../shared/backfill/preview-backfill.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';

/** POST /api/backfill/preview: what it would come to if files went through the present contract again. Begins nothing. */
endpoint('preview-backfill', {
  method: 'POST',
  route: 'backfill/preview',
  access: 'Pipeline.Operate',
  handler: async (httpRequest) => {
    const app = services();
    const request = parseBackfillRequest(await jsonBody(httpRequest), app.datasets, new Date());
    const dataset = app.datasets.get(request.selection.dataset);
    if (dataset === undefined) return problem(404, `There is no dataset '${request.selection.dataset}'.`);
    return { jsonBody: (await previewBackfill(app, dataset, request)).preview };
  },
});
