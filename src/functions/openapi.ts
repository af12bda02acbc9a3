import { endpoint } from '../shared/http/endpoint.ts';
import { openApiDocument } from '../shared/http/openapi-document.ts';
import { services } from '../shared/services.ts';

/** GET /api/openapi.json: this API, with a path for each insight that the contracts declare. */
endpoint('openapi', {
  method: 'GET',
  route: 'openapi.json',
  access: 'anyone',
  handler: async () => ({ jsonBody: openApiDocument(services().datasets) }),
});
