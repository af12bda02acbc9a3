import { endpoint } from '../shared/http/endpoint.ts';
import { datasetsWithModel } from '../shared/models/model-of.ts';
import { presentModel } from '../shared/models/present-model.ts';
import { services } from '../shared/services.ts';

/** GET /api/models: the model of each dataset, its champion and what challenged it. */
endpoint('list-models', {
  method: 'GET',
  route: 'models',
  access: 'Insights.Read',
  handler: async () => {
    const app = services();
    const models = await Promise.all(datasetsWithModel(app.datasets).map((dataset) => presentModel(app, dataset)));
    return { jsonBody: { models } };
  },
});
