import { explain } from '../shared/explain/explain.ts';
import { parseExplainRequest } from '../shared/explain/parse-request.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { services } from '../shared/services.ts';

/** POST /api/explain: why a measure of an insight differs between two periods, down to files and rows. */
endpoint('explain', {
  method: 'POST',
  route: 'explain',
  access: 'Data.Query',
  handler: async (request) => {
    const asked = parseExplainRequest(await jsonBody(request), services().datasets);
    return { jsonBody: await explain(services(), asked) };
  },
});
