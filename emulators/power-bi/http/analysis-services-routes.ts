import { Hono } from 'hono';
import { sameName } from '../model/model.ts';
import type { Refresh } from '../refresh/refresh.ts';
import { ApiError } from './api-error.ts';
import { parseRefreshRequest } from './parse-refresh-request.ts';
import type { RouteOptions } from './power-bi-routes.ts';
import { presentOperation, presentOperationEntry } from './present-refresh.ts';

/** The server that there is; its one model is named in the model itself. */
export interface AnalysisServicesOptions extends RouteOptions {
  readonly server: string;
}

const KEPT_MILLISECONDS = 30 * 24 * 60 * 60 * 1000;
const MOST_LISTED = 10_000;

/** The asynchronous refresh API of Azure Analysis Services, below `/servers/{server}/models/{model}`. */
export function analysisServicesRoutes({ model, refresher, store, server }: AnalysisServicesOptions): Hono {
  const base = '/:server/models/:model/refreshes';
  const app = new Hono();
  app.use('*', async (context, next) => {
    const [name, , modelName] = context.req.path.split('/').slice(2).map(decodeURIComponent);
    if (!sameName(name ?? '', server) || !sameName(modelName ?? '', model.name)) {
      const message = `Either the '${modelName}' database does not exist on server '${name}', or you do not have permissions to access it.`;
      // The service answers 400 here, and has the reason in a header alone.
      context.header('x-ms-xmlaerror-extended', message);
      return context.json({ code: 'BadRequest', subCode: 0, message }, 400);
    }
    return next();
  });
  const find = (id: string): Refresh => {
    const refresh = store.find('analysis-services', id);
    if (refresh === undefined) throw new ApiError(404, 'NotFound', `There is no refresh '${id}'.`);
    return refresh;
  };

  app.post(base, async (context) => {
    const request = parseRefreshRequest('analysis-services', model, await context.req.text());
    const refresh = refresher.start(request);
    if (refresh === undefined) {
      throw new ApiError(
        409,
        'Conflict',
        `A refresh of the model '${model.name}' is running; wait until it has ended.`,
      );
    }
    const { origin, pathname } = new URL(context.req.url);
    context.header('location', `${origin}${pathname}/${refresh.id}`);
    context.header('x-ms-request-id', refresh.id);
    return context.json({ operationId: refresh.id }, 202);
  });
  app.get(base, (context) => {
    const oldest = new Date(Date.now() - KEPT_MILLISECONDS).toISOString();
    const kept = store.list('analysis-services', MOST_LISTED).filter(({ startTime }) => startTime >= oldest);
    return context.json(kept.map(presentOperationEntry));
  });
  app.get(`${base}/:refresh`, (context) => context.json(presentOperation(find(context.req.param('refresh')))));
  app.delete(`${base}/:refresh`, async (context) => {
    const { id, status } = find(context.req.param('refresh'));
    if (status !== 'InProgress') throw new ApiError(409, 'Conflict', 'The refresh is not in progress.');
    await refresher.cancel(id);
    return context.body(null, 200);
  });
  app.onError((error, context) => {
    if (!(error instanceof ApiError)) throw error;
    return context.json({ code: error.code, subCode: 0, message: error.message }, error.status);
  });
  return app;
}
