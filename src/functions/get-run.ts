import { plain } from '../shared/cosmos/plain.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { findRun } from '../shared/runs/find-run.ts';
import { services } from '../shared/services.ts';

/** GET /api/runs/{id}: one batch with its steps and files, or one training of a model. */
endpoint('get-run', {
  method: 'GET',
  route: 'runs/{id}',
  access: 'Insights.Read',
  handler: async (request) => {
    const { runs, files } = services();
    const run = await findRun(runs, request.params.id);
    const page = await files.list({ datasets: [run.dataset], batch: run.id }, 1000);
    return { jsonBody: { ...plain(run), fileRecords: page.items.map(plain) } };
  },
});
