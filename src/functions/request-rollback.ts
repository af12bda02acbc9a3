import * as df from 'durable-functions';
import { endpoint } from '../shared/http/endpoint.ts';
import { acceptTraining } from '../shared/models/accept-training.ts';

/** POST /api/models/{dataset}/rollback: put the champion before the present one back; 202 with where to watch it. */
endpoint('request-rollback', {
  method: 'POST',
  route: 'models/{dataset}/rollback',
  access: 'Pipeline.Admin',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => acceptTraining(request, context, 'rollback', false),
});
