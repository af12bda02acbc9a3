import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { parseMetricRequest } from '../shared/semantic-model/parse-metric-request.ts';
import { services } from '../shared/services.ts';

/** POST /api/metrics/query: measures by columns, as the semantic model answers them. */
endpoint('query-metrics', {
  method: 'POST',
  route: 'metrics/query',
  access: 'Insights.Read',
  handler: async (request) => {
    const { semanticModels } = services();
    const asked = parseMetricRequest(await jsonBody(request), semanticModels.definition());
    return { jsonBody: await semanticModels.metrics().ask(asked) };
  },
});
