import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import type { Model } from '../model/model.ts';
import type { Refresher } from '../refresh/refresher.ts';
import type { RefreshStore } from '../store/refresh-store.ts';
import { analysisServicesRoutes } from './analysis-services-routes.ts';
import { powerBiRoutes } from './power-bi-routes.ts';

/** What the HTTP side needs. */
export interface AppOptions {
  readonly model: Model;
  readonly store: RefreshStore;
  readonly powerBi: { readonly refresher: Refresher; readonly groupId: string; readonly datasetId: string };
  readonly analysisServices: { readonly refresher: Refresher; readonly server: string };
  readonly tokens: readonly string[];
}

/** Both services' REST APIs on one port. */
export function createApp({ model, store, powerBi, analysisServices, tokens }: AppOptions): Hono {
  const app = new Hono();
  app.get('/health', (context) =>
    context.json({
      status: 'ok',
      model: model.name,
      powerBi: { loadedAt: powerBi.refresher.shown()?.loadedAt ?? null },
      analysisServices: { loadedAt: analysisServices.refresher.shown()?.loadedAt ?? null },
    }),
  );
  for (const path of ['/v1.0/myorg/*', '/servers/*']) {
    app.use(path, async (context, next) => {
      const given = context.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1];
      if (given !== undefined && tokens.some((token) => isEqual(token, given))) return next();
      const message =
        given === undefined ? 'Send Authorization: Bearer <token>.' : 'The access token is not one that is accepted.';
      context.header('www-authenticate', 'Bearer');
      return context.json({ error: { code: given === undefined ? 'TokenMissing' : 'TokenInvalid', message } }, 401);
    });
  }
  app.route('/v1.0/myorg', powerBiRoutes({ model, store, ...powerBi }));
  app.route('/servers', analysisServicesRoutes({ model, store, ...analysisServices }));
  app.notFound((context) => {
    const message = `There is no '${context.req.method} ${context.req.path}' in this emulator.`;
    return context.json({ error: { code: 'NotFound', message } }, 404);
  });
  app.onError((error, context) => {
    process.stderr.write(`power-bi emulator: ${error.stack ?? error.message}\n`);
    return context.json({ error: { code: 'InternalError', message: error.message } }, 500);
  });
  return app;
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
