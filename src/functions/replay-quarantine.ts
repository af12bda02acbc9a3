import * as df from 'durable-functions';
import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { parseReplayRequest } from '../shared/quarantine/parse-replay-request.ts';
import { replayFiles } from '../shared/quarantine/replay-files.ts';
import { services } from '../shared/services.ts';

/**
 * POST /api/quarantine/replay: files of which rows were refused go through the present contract; what they brought before
 * is served until then.
 */
endpoint('replay-quarantine', {
  method: 'POST',
  route: 'quarantine/replay',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (httpRequest, context) => {
    const app = services();
    const request = parseReplayRequest(await jsonBody(httpRequest), app.datasets);
    const { entries, leftOut, more } = await replayFiles(app, df.getClient(context), request);
    const { dataset } = request.dataset.contract;
    const href = `/api/files?dataset=${dataset}`;
    return {
      status: entries.length === 0 ? 200 : 202,
      headers: { location: href },
      jsonBody: {
        dataset,
        contractVersion: request.dataset.version,
        files: entries.map(({ id, path, replay }) => ({ id, path, replaces: replay?.of ?? id })),
        leftOut,
        more,
        href,
      },
    };
  },
});
