import {
  createModelRest,
  idOfLocation,
  type ModelAnswer,
  type ModelServiceError,
  records,
  refusal,
} from './model-rest.ts';
import { parseRefresh } from './parse-refresh.ts';
import type { SemanticModel } from './semantic-model.ts';

/** Where the model is in Azure Analysis Services; the endpoint is a region's, `https://<region>.asazure.windows.net`. */
export interface AnalysisServicesModel {
  readonly endpoint: string;
  readonly server: string;
  readonly model: string;
}

const LOOKED_AT = 10;

/**
 * The model on a server of Azure Analysis Services: asynchronous refresh. Only an administrator of the server may ask.
 * Source: learn.microsoft.com/azure/analysis-services/analysis-services-async-refresh.
 */
export function createAnalysisServicesClient(
  { endpoint, server, model }: AnalysisServicesModel,
  token: () => Promise<string>,
): SemanticModel {
  const call = createModelRest(
    `${endpoint}/servers/${encodeURIComponent(server)}/models/${encodeURIComponent(model)}`,
    token,
  );
  const refused = (what: string, answer: ModelAnswer): ModelServiceError => refusal('Analysis Services', what, answer);
  return {
    async requestRefresh() {
      const answer = await call('POST', 'refreshes', { Type: 'Full', CommitMode: 'transactional' });
      if (answer.status === 409) return undefined;
      const id = answer.status === 202 ? idOfLocation(answer.headers) : undefined;
      if (id === undefined) throw refused('a refresh', answer);
      return id;
    },
    async recentRefreshes() {
      const answer = await call('GET', 'refreshes');
      if (answer.status !== 200) throw refused('the list of refreshes', answer);
      return records(answer.body)
        .flatMap((entry) => parseRefresh(entry) ?? [])
        .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
        .slice(0, LOOKED_AT);
    },
    async getRefresh(id) {
      const answer = await call('GET', `refreshes/${encodeURIComponent(id)}`);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refused(`to tell of refresh ${id}`, answer);
      return parseRefresh(answer.body, id);
    },
    async cancelRefresh(id) {
      const answer = await call('DELETE', `refreshes/${encodeURIComponent(id)}`);
      if (answer.status === 200 || answer.status === 404) return;
      if ((await this.getRefresh(id))?.state === 'running') throw refused(`to cancel refresh ${id}`, answer);
    },
  };
}
