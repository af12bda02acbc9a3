import { plain } from '../shared/cosmos/plain.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { encodeCursor, parseChoice, parseCursor, parseLimit, refuseUnknownParameters } from '../shared/http/paging.ts';
import { FILE_STATUSES } from '../shared/ledger/file-record.ts';
import { NO_DATASET } from '../shared/names.ts';
import { services } from '../shared/services.ts';

/** GET /api/files: the ledger, newest first. */
endpoint('list-files', {
  method: 'GET',
  route: 'files',
  access: 'Insights.Read',
  handler: async (request) => {
    refuseUnknownParameters(request, ['dataset', 'status', 'batch', 'limit', 'cursor']);
    const status = parseChoice(request, 'status', FILE_STATUSES);
    const { datasets, files } = services();
    const names = datasets.all.map(({ contract }) => contract.dataset);
    const dataset = request.query.get('dataset');
    const batch = request.query.get('batch');
    const filter = {
      datasets: dataset === null ? [...names, NO_DATASET] : [dataset],
      ...(batch === null ? {} : { batch }),
      ...(status === undefined ? {} : { status }),
    };
    const page = await files.list(filter, parseLimit(request), parseCursor(request)?.continuation);
    const next = page.continuation === undefined ? null : encodeCursor({ continuation: page.continuation });
    return { jsonBody: { items: page.items.map(plain), next } };
  },
});
