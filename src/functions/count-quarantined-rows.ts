import { endpoint } from '../shared/http/endpoint.ts';
import { refuseUnknownParameters } from '../shared/http/paging.ts';
import { countQuarantined } from '../shared/quarantine/count-quarantined.ts';
import { parseQuarantineQuery, QUARANTINE_PARAMETERS } from '../shared/quarantine/quarantine-query.ts';
import { services } from '../shared/services.ts';

/** GET /api/quarantine/counts: how many rows were refused, by rule and by file. */
endpoint('count-quarantined-rows', {
  method: 'GET',
  route: 'quarantine/counts',
  access: 'Pipeline.Operate',
  handler: async (request) => {
    refuseUnknownParameters(request, QUARANTINE_PARAMETERS);
    const { datasets, files } = services();
    return { jsonBody: await countQuarantined(files, parseQuarantineQuery(request, datasets)) };
  },
});
