import { endpoint, registeredEndpoints } from '../shared/http/endpoint.ts';
import { withAccess } from '../shared/openapi/openapi-access.ts';
import { openApiDocument } from '../shared/openapi/openapi-document.ts';
import { services } from '../shared/services.ts';

/** GET /api/openapi.json: this API, with a path for each insight that the contracts declare, and who may call what. */
endpoint('openapi', {
  method: 'GET',
  route: 'openapi.json',
  access: 'anyone',
  handler: async () => ({ jsonBody: withAccess(openApiDocument(services().datasets), registeredEndpoints()) }),
});
