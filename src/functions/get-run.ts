import { plain } from '../shared/cosmos/plain.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import { datasetOfTraining } from '../shared/models/training.ts';
import { datasetOfBatch } from '../shared/names.ts';
import { services } from '../shared/services.ts';

/** GET /api/runs/{id}: one batch with its steps and files, or one training of a model. */
endpoint('get-run', {
  method: 'GET',
  route: 'runs/{id}',
  access: 'Insights.Read',
  handler: async (request) => {
    const { id = '' } = request.params;
    const { runs, files } = services();
    const dataset = datasetOfBatch(id) ?? datasetOfTraining(id);
    const run = dataset === undefined ? undefined : await runs.get(dataset, id);
    if (dataset === undefined || run === undefined)
      return problem(404, `There is no run '${id}'; GET /api/runs lists them.`);
    const page = await files.list({ datasets: [dataset], batch: id }, 1000);
    return { jsonBody: { ...plain(run), fileRecords: page.items.map(plain) } };
  },
});
