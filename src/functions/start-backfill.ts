import * as df from 'durable-functions';
import { parseStart } from '../shared/backfill/parse-backfill-request.ts';
import { startBackfill } from '../shared/backfill/start-backfill.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { services } from '../shared/services.ts';

/** POST /api/backfill: starts what was previewed; 202 with the run by which to follow and to cancel it. */
endpoint('start-backfill', {
  method: 'POST',
  route: 'backfill',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const id = await startBackfill(services(), df.getClient(context), parseStart(await jsonBody(request)));
    const href = `/api/runs/${id}`;
    return { status: 202, headers: { location: href, 'retry-after': '2' }, jsonBody: { id, href } };
  },
});
