import { endpoint } from '../shared/http/endpoint.ts';
import { services } from '../shared/services.ts';

/** GET /api/pipelines: the pipelines of Data Factory that can be started here. */
endpoint('list-pipelines', {
  method: 'GET',
  route: 'pipelines',
  access: 'Insights.Read',
  handler: async () => ({ jsonBody: { items: await services().pipelines.factory().pipelines() } }),
});
