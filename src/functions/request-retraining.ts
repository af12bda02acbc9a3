import * as df from 'durable-functions';
import { endpoint } from '../shared/http/endpoint.ts';
import { acceptTraining } from '../shared/models/accept-training.ts';
import { parseRetrainRequest } from '../shared/models/parse-retrain-request.ts';

/** POST /api/models/{dataset}/retrain: challenge the champion now; 202 with where to watch it. */
endpoint('request-retraining', {
  method: 'POST',
  route: 'models/{dataset}/retrain',
  access: 'Pipeline.Operate',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) =>
    acceptTraining(request, context, 'challenge', (await parseRetrainRequest(request)).force),
});
