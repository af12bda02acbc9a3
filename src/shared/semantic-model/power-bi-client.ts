import {
  createModelRest,
  idOfLocation,
  isText,
  type ModelAnswer,
  ModelServiceError,
  record,
  records,
  refusal,
} from './model-rest.ts';
import { parseRefresh } from './parse-refresh.ts';
import type { ModelRow, ModelValue, QueryableModel } from './semantic-model.ts';

/** Where the model is in Power BI. */
export interface PowerBiDataset {
  readonly endpoint: string;
  readonly workspaceId: string;
  readonly datasetId: string;
}

const LISTED = 10;

/**
 * The model as a dataset of a Power BI workspace: enhanced refresh and executeQueries.
 * Source: learn.microsoft.com/power-bi/connect-data/asynchronous-refresh and /rest/api/power-bi/datasets/execute-queries-in-group.
 * @param timeoutSeconds after which the service gives up a refresh on its own, should nobody be there to cancel it
 */
export function createPowerBiClient(
  { endpoint, workspaceId, datasetId }: PowerBiDataset,
  token: () => Promise<string>,
  timeoutSeconds: number,
): QueryableModel {
  const call = createModelRest(`${endpoint}/v1.0/myorg/groups/${workspaceId}/datasets/${datasetId}`, token);
  const refused = (what: string, answer: ModelAnswer): ModelServiceError => refusal('Power BI', what, answer);
  const recentRefreshes: QueryableModel['recentRefreshes'] = async () => {
    const answer = await call('GET', `refreshes?$top=${LISTED}`);
    if (answer.status !== 200) throw refused('the list of refreshes', answer);
    // The reference has an object here, the guide a bare list.
    const entries = Array.isArray(answer.body) ? answer.body : record(answer.body).value;
    return records(entries).flatMap((entry) => parseRefresh(entry) ?? []);
  };
  return {
    recentRefreshes,
    async requestRefresh() {
      const answer = await call('POST', 'refreshes', {
        type: 'full',
        commitMode: 'transactional',
        timeout: hoursMinutesSeconds(timeoutSeconds),
      });
      if (answer.status === 202) {
        const id = answer.headers.get('x-ms-request-id') ?? idOfLocation(answer.headers);
        if (id !== undefined) return id;
      }
      // 400 says both that one is running and that the request is wrong.
      if (answer.status === 409) return undefined;
      if (answer.status === 400 && (await recentRefreshes()).some(({ state }) => state === 'running')) return undefined;
      throw refused('a refresh', answer);
    },
    async getRefresh(id) {
      const answer = await call('GET', `refreshes/${encodeURIComponent(id)}`);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200 && answer.status !== 202) throw refused(`to tell of refresh ${id}`, answer);
      return parseRefresh(answer.body, id);
    },
    async cancelRefresh(id) {
      const answer = await call('DELETE', `refreshes/${encodeURIComponent(id)}`);
      if (answer.status === 200 || answer.status === 404) return;
      if ((await this.getRefresh(id))?.state === 'running') throw refused(`to cancel refresh ${id}`, answer);
    },
    async query(dax) {
      const answer = await call('POST', 'executeQueries', {
        queries: [{ query: dax }],
        serializerSettings: { includeNulls: true },
      });
      if (answer.status === 400) throw new ModelServiceError('ModelQueryFailed', 400, queryError(answer.body));
      if (answer.status !== 200) throw refused('a query', answer);
      const [result] = records(record(answer.body).results);
      const [table] = records(result?.tables);
      if (table === undefined)
        throw new ModelServiceError('ModelQueryFailed', 400, queryError(record(result ?? answer.body)));
      // Over a limit of the service the rows are cut off, and an error stands beside them.
      return { rows: records(table.rows).map(toRow), isTruncated: (table.error ?? result?.error) !== undefined };
    },
  };
}

function queryError(body: unknown): string {
  const error = record(record(body).error);
  const details = records(record(error['pbi.error']).details).map(({ detail }) => record(detail).value);
  return [error.message, ...details].find(isText) ?? 'Power BI gave no reason.';
}

function toRow(row: Readonly<Record<string, unknown>>): ModelRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): ModelValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** `hh:mm:ss`, at most the service's own limit of a day. */
function hoursMinutesSeconds(seconds: number): string {
  const limited = Math.min(seconds, 24 * 60 * 60);
  return [limited / 3600, (limited / 60) % 60, limited % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}
