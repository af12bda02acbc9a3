import { endpoint } from '../shared/http/endpoint.ts';
import { refuseUnknownParameters } from '../shared/http/paging.ts';
import { RequestProblem } from '../shared/http/problem.ts';
import { openOriginal } from '../shared/quarantine/open-original.ts';
import { parseQuarantineQuery } from '../shared/quarantine/quarantine-query.ts';
import { services } from '../shared/services.ts';

/** GET /api/quarantine/download: the refused rows of one file, in its own format, to be corrected and landed again. */
endpoint('download-quarantined-rows', {
  method: 'GET',
  route: 'quarantine/download',
  access: 'Pipeline.Operate',
  handler: async (request) => {
    refuseUnknownParameters(request, ['dataset', 'file', 'batch']);
    const app = services();
    const filter = parseQuarantineQuery(request, app.datasets);
    if (filter.path === undefined)
      throw new RequestProblem(400, 'file is missing; GET /api/quarantine/counts lists those with quarantined rows.');
    const { name, stream } = await openOriginal(app, { ...filter, path: filter.path });
    return {
      headers: {
        // Whatever it holds is data, and never a page of ours.
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: stream,
    };
  },
});
