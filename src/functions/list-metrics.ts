import { messageOf } from '../shared/errors.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { refuseUnknownParameters } from '../shared/http/paging.ts';
import { metricBodyOf } from '../shared/semantic-model/metric-body-of.ts';
import { parseMetricRequest } from '../shared/semantic-model/parse-metric-request.ts';
import { presentCatalogue } from '../shared/semantic-model/present-catalogue.ts';
import { services } from '../shared/services.ts';

/**
 * GET /api/metrics: the measures and columns of the semantic model, and which version of each dataset it shows; with
 * `measures`, their values, as POST /api/metrics/query gives them.
 */
endpoint('list-metrics', {
  method: 'GET',
  route: 'metrics',
  access: 'Insights.Read',
  handler: async (request, context) => {
    const { semanticModels } = services();
    if (request.query.has('measures')) {
      refuseUnknownParameters(request, ['measures', 'by', 'filter', 'limit']);
      const definition = semanticModels.definition();
      const asked = parseMetricRequest(metricBodyOf(request.query, definition), definition);
      return { jsonBody: await semanticModels.metrics().ask(asked) };
    }
    refuseUnknownParameters(request, ['measures']);
    let versions: Readonly<Record<string, number>> | null = null;
    try {
      if (semanticModels.configured.includes('power-bi')) versions = await semanticModels.metrics().versions();
    } catch (error) {
      context.warn(`metrics: ${messageOf(error)}`); // the catalogue is ours, and stands without the service
    }
    return { jsonBody: presentCatalogue(semanticModels.definition(), semanticModels.configured, versions) };
  },
});
