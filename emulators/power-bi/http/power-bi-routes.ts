import { type Context, Hono } from 'hono';
import { DaxError } from '../dax/dax-error.ts';
import type { Model } from '../model/model.ts';
import type { Refresher } from '../refresh/refresher.ts';
import type { RefreshStore } from '../store/refresh-store.ts';
import { ApiError } from './api-error.ts';
import { executeQueries } from './execute-queries.ts';
import { parseRefreshRequest } from './parse-refresh-request.ts';
import { presentDetails, presentEntry } from './present-refresh.ts';

/** What the routes of a service need. */
export interface RouteOptions {
  readonly model: Model;
  readonly refresher: Refresher;
  readonly store: RefreshStore;
}

/** The workspace and the dataset that there are. */
export interface PowerBiOptions extends RouteOptions {
  readonly groupId: string;
  readonly datasetId: string;
}

/** Refreshes that the history keeps. */
const HISTORY = 60;
/** The engine's code for a query that it cannot answer. */
const QUERY_FAILED = '3239575574';

/** Power BI's REST API below `/v1.0/myorg`: datasets of the workspace, enhanced refresh, executeQueries. */
export function powerBiRoutes(options: PowerBiOptions): Hono {
  const { model, refresher, store, groupId, datasetId } = options;
  const app = new Hono();
  const dataset = { id: datasetId, name: model.name, isRefreshable: true, isEffectiveIdentityRequired: false };
  const find = (context: Context): void => {
    const group = context.req.param('group');
    const id = context.req.param('dataset');
    const isThere = (group === undefined || same(group, groupId)) && (id === undefined || same(id, datasetId));
    if (!isThere) throw notFound();
  };
  const findRefresh = (context: Context) => {
    find(context);
    const refresh = store.find('power-bi', context.req.param('refresh') ?? '');
    if (refresh === undefined) throw notFound();
    return refresh;
  };

  app.get('/groups/:group/datasets', (context) => {
    find(context);
    return context.json({ value: [dataset] });
  });
  for (const base of ['/groups/:group/datasets/:dataset', '/datasets/:dataset']) {
    app.get(base, (context) => {
      find(context);
      return context.json(dataset);
    });
    app.post(`${base}/refreshes`, async (context) => {
      find(context);
      const request = parseRefreshRequest('power-bi', model, await context.req.text());
      const refresh = refresher.start(request);
      if (refresh === undefined) {
        throw new ApiError(
          400,
          'InvalidRequest',
          'Invalid dataset refresh request. Another refresh request is already executing',
        );
      }
      const { origin, pathname } = new URL(context.req.url);
      context.header('x-ms-request-id', refresh.id);
      if (request.enhanced) context.header('location', `${origin}${pathname}/${refresh.id}`);
      return context.body(null, 202);
    });
    app.get(`${base}/refreshes`, (context) => {
      find(context);
      const top = context.req.query('$top') ?? String(HISTORY);
      if (!/^[1-9]\d*$/.test(top)) throw new ApiError(400, 'InvalidRequest', '$top must be a number from 1.');
      const refreshes = store.list('power-bi', Math.min(Number(top), HISTORY));
      return context.json({ value: refreshes.map(presentEntry) });
    });
    app.get(`${base}/refreshes/:refresh`, (context) => {
      const refresh = findRefresh(context);
      return context.json(presentDetails(refresh), refresh.status === 'InProgress' ? 202 : 200);
    });
    app.delete(`${base}/refreshes/:refresh`, async (context) => {
      const { id, status, request } = findRefresh(context);
      if (!request.enhanced) throw new ApiError(400, 'InvalidRequest', 'Only an enhanced refresh can be cancelled.');
      if (status !== 'InProgress') throw new ApiError(400, 'InvalidRequest', 'The refresh is not in progress.');
      await refresher.cancel(id);
      return context.body(null, 200);
    });
    app.post(`${base}/executeQueries`, async (context) => {
      find(context);
      const body: unknown = await context.req.json().catch(() => undefined);
      try {
        return context.json(await executeQueries(model, refresher, body));
      } catch (error) {
        if (!(error instanceof DaxError)) throw error;
        return context.json({ error: daxFailure(error) }, 400);
      }
    });
  }
  app.onError((error, context) => {
    if (!(error instanceof ApiError)) throw error;
    return context.json({ error: { code: error.code, message: error.message } }, error.status);
  });
  return app;
}

function daxFailure({ message }: DaxError): object {
  const code = 'DatasetExecuteQueriesError';
  const detail = (name: string, value: string): object => ({ code: name, detail: { type: 1, value } });
  const details = [detail('DetailsMessage', message), detail('AnalysisServicesErrorCode', QUERY_FAILED)];
  return { code, 'pbi.error': { code, parameters: {}, details } };
}

function notFound(): ApiError {
  return new ApiError(404, 'PowerBIEntityNotFound', 'It does not exist, or there is no permission to see it.');
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
