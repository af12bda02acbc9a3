import * as df from 'durable-functions';
import type { RefreshDriver } from '../activities/activities.ts';
import { semanticModel } from '../entities/semantic-model.ts';
import { refreshSemanticModel } from '../orchestrators/refresh-semantic-model.ts';
import { ENTITIES, ORCHESTRATORS } from '../shared/names.ts';
import { startOnce } from '../shared/start-once.ts';

df.app.orchestration(ORCHESTRATORS.refreshSemanticModel, refreshSemanticModel);
df.app.entity(ENTITIES.semanticModel, semanticModel);

/** The one activity that starts an orchestration: what it starts goes on beside the batch that asked for it. */
df.app.activity('drive-refresh', {
  extraInputs: [df.input.durableClient()],
  handler: async (input: RefreshDriver, context) => {
    await startOnce(df.getClient(context), ORCHESTRATORS.refreshSemanticModel, input.driver, input);
    return null;
  },
});
