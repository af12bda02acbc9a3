import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { ApiError } from './api-error.ts';
import { jobRoutes } from './routes/jobs.ts';
import { type RunRoutesOptions, runRoutes } from './routes/runs.ts';
import { resultRoutes, statementRoutes } from './routes/statements.ts';
import { warehouseRoutes } from './routes/warehouses.ts';
import type { SqlWarehouse } from './sql/warehouse.ts';
import type { WorkerPool } from './worker/worker-pool.ts';

/** What the HTTP side needs. */
export interface AppOptions extends RunRoutesOptions {
  readonly pool: WorkerPool;
  readonly warehouse: SqlWarehouse;
  readonly tokens: readonly string[];
}

/** The workspace's HTTP API. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  app.get('/health', (context) => context.json({ status: 'ok', workers: options.pool.status() }));
  app.use('/api/*', async (context, next) => {
    authenticate(context.req.header('authorization'), options.tokens);
    await next();
  });
  for (const version of ['2.1', '2.2']) {
    app.route(`/api/${version}/jobs`, jobRoutes(options.store, options.workspace));
    app.route(`/api/${version}/jobs`, runRoutes(options));
  }
  app.route('/api/2.0/sql/statements', statementRoutes(options.warehouse, options.workspace.url));
  app.route('/api/2.0/sql/warehouses', warehouseRoutes(options.warehouse));
  app.route('/sql-results', resultRoutes(options.warehouse));
  app.get('/api/2.0/preview/scim/v2/Me', (context) =>
    context.json({ id: '1', userName: options.workspace.userName, active: true }),
  );
  app.notFound((context) => {
    const message = `No API found for '${context.req.method} ${context.req.path}'`;
    return context.json({ error_code: 'ENDPOINT_NOT_FOUND', message }, 404);
  });
  app.onError((error, context) => {
    if (error instanceof ApiError) {
      return context.json({ error_code: error.errorCode, message: error.message }, error.status);
    }
    process.stderr.write(`databricks emulator: ${error.stack ?? error.message}\n`);
    return context.json({ error_code: 'INTERNAL_ERROR', message: error.message }, 500);
  });
  return app;
}

function authenticate(header: string | undefined, tokens: readonly string[]): void {
  const given = header?.match(/^Bearer (.+)$/i)?.[1];
  if (given === undefined) {
    throw new ApiError(
      401,
      'UNAUTHENTICATED',
      'Credential was not sent or was of an unsupported type for this API. Send Authorization: Bearer <token>.',
    );
  }
  if (!tokens.some((token) => isEqual(token, given))) {
    throw new ApiError(403, 'PERMISSION_DENIED', 'Invalid access token.');
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
