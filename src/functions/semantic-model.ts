import * as df from 'durable-functions';
import { semanticModel } from '../entities/semantic-model.ts';
import { refreshSemanticModel } from '../orchestrators/refresh-semantic-model.ts';
import { ENTITIES, ORCHESTRATORS } from '../shared/names.ts';

df.app.orchestration(ORCHESTRATORS.refreshSemanticModel, refreshSemanticModel);
df.app.entity(ENTITIES.semanticModel, semanticModel);
