import { app } from '@azure/functions';
import { answering } from '../shared/http/answer.ts';
import { openApiDocument } from '../shared/http/openapi-document.ts';
import { services } from '../shared/services.ts';

/** GET /api/openapi.json: this API, with a path for each insight that the contracts declare. */
app.http('openapi', {
  methods: ['GET'],
  route: 'openapi.json',
  authLevel: 'anonymous',
  handler: answering(async () => ({ jsonBody: openApiDocument(services().datasets) })),
});
