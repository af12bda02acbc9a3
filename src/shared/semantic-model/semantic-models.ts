import type { SemanticModelConfig } from '../config.ts';
import { RequestProblem } from '../http/problem.ts';
import { createAnalysisServicesClient } from './analysis-services-client.ts';
import type { Definition } from './definition.ts';
import { createMetricReader, type MetricReader } from './metric-reader.ts';
import { loadDefinition } from './parse-definition.ts';
import { createPowerBiClient } from './power-bi-client.ts';
import { MODEL_SERVICES, type ModelService, type QueryableModel, type SemanticModel } from './semantic-model.ts';

/** The semantic model: what it is, and where. */
export interface SemanticModels {
  /** The services that hold it here. */
  readonly configured: readonly ModelService[];
  /** After which a refresh is cancelled. */
  readonly refreshTimeoutSeconds: number;
  in(service: ModelService): SemanticModel | undefined;
  /** The one that answers questions. @throws RequestProblem 503 when none is configured */
  queryable(): QueryableModel;
  /** Answers in the definition's words. @throws RequestProblem 503 when none is configured */
  metrics(): MetricReader;
  /** What the model says that measures and columns are. */
  definition(): Definition;
}

/** The scopes of Entra ID. Analysis Services' has a star for any region and server. */
const SCOPES: Readonly<Record<ModelService, string>> = {
  'power-bi': 'https://analysis.windows.net/powerbi/api/.default',
  'analysis-services': 'https://*.asazure.windows.net/.default',
};

/** Clients for the services that the configuration names: with a token where it has one, else with the app's identity. */
export function createSemanticModels(
  { powerBi, analysisServices, refreshTimeoutSeconds }: SemanticModelConfig,
  tokenFor: (scope: string) => Promise<string>,
): SemanticModels {
  const token =
    (service: ModelService, fixed: string | undefined): (() => Promise<string>) =>
    async () =>
      fixed ?? tokenFor(SCOPES[service]);
  const queryable = powerBi && createPowerBiClient(powerBi, token('power-bi', powerBi.token), refreshTimeoutSeconds);
  const models: Readonly<Record<ModelService, SemanticModel | undefined>> = {
    'power-bi': queryable,
    'analysis-services':
      analysisServices &&
      createAnalysisServicesClient(analysisServices, token('analysis-services', analysisServices.token)),
  };
  let definition: Definition | undefined;
  let metrics: MetricReader | undefined;
  return {
    configured: MODEL_SERVICES.filter((service) => models[service] !== undefined),
    refreshTimeoutSeconds,
    in: (service) => models[service],
    queryable() {
      if (queryable === undefined) {
        const settings = 'POWER_BI_ENDPOINT, POWER_BI_WORKSPACE_ID and POWER_BI_DATASET_ID';
        throw new RequestProblem(503, `No Power BI dataset is configured: set the app settings ${settings}.`);
      }
      return queryable;
    },
    metrics() {
      metrics ??= createMetricReader(this.definition(), this.queryable());
      return metrics;
    },
    definition() {
      definition ??= loadDefinition();
      return definition;
    },
  };
}
