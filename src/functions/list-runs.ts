import { plain } from '../shared/cosmos/plain.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { encodeCursor, parseChoice, parseCursor, parseLimit, refuseUnknownParameters } from '../shared/http/paging.ts';
import { RUN_STATUSES } from '../shared/runs/run-record.ts';
import { services } from '../shared/services.ts';

/** GET /api/runs: batches and trainings, newest first. */
endpoint('list-runs', {
  method: 'GET',
  route: 'runs',
  access: 'Insights.Read',
  handler: async (request) => {
    refuseUnknownParameters(request, ['dataset', 'status', 'limit', 'cursor']);
    const status = parseChoice(request, 'status', RUN_STATUSES);
    const { datasets, runs } = services();
    const names = datasets.all.map(({ contract }) => contract.dataset);
    const dataset = request.query.get('dataset');
    const filter = { datasets: dataset === null ? names : [dataset], ...(status === undefined ? {} : { status }) };
    const page = await runs.list(filter, parseLimit(request), parseCursor(request)?.continuation);
    const next = page.continuation === undefined ? null : encodeCursor({ continuation: page.continuation });
    return { jsonBody: { items: page.items.map(plain), next } };
  },
});
