import { endpoint } from '../shared/http/endpoint.ts';
import { encodeCursor, parseCursor, parseLimit, refuseUnknownParameters } from '../shared/http/paging.ts';
import { parseQuarantineQuery, QUARANTINE_PARAMETERS } from '../shared/quarantine/quarantine-query.ts';
import { readQuarantinedRows } from '../shared/quarantine/quarantined-rows.ts';
import { services } from '../shared/services.ts';

/** GET /api/quarantine: rows that were refused, each with its place, its exact text and why. */
endpoint('list-quarantined-rows', {
  method: 'GET',
  route: 'quarantine',
  access: 'Pipeline.Operate',
  handler: async (request) => {
    refuseUnknownParameters(request, [...QUARANTINE_PARAMETERS, 'limit', 'cursor']);
    const app = services();
    const filter = parseQuarantineQuery(request, app.datasets);
    const cursor = parseCursor(request)?.continuation;
    const page = await readQuarantinedRows(app, filter, parseLimit(request), cursor);
    const next = page.continuation === undefined ? null : encodeCursor({ continuation: page.continuation });
    return { jsonBody: { items: page.items, next } };
  },
});
