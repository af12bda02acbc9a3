import { app } from '@azure/functions';
import { explain } from '../shared/explain/explain.ts';
import { parseExplainRequest } from '../shared/explain/parse-request.ts';
import { answering } from '../shared/http/answer.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { services } from '../shared/services.ts';

/** POST /api/explain: why a measure of an insight differs between two periods, down to files and rows. */
app.http('explain', {
  methods: ['POST'],
  route: 'explain',
  authLevel: 'function',
  handler: answering(async (request) => {
    const asked = parseExplainRequest(await jsonBody(request), services().datasets);
    return { jsonBody: await explain(services(), asked) };
  }),
});
