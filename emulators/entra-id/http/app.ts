import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Directory } from '../directory.ts';
import type { TenantKeys } from '../store/load-keys.ts';
import type { TokenIssuer } from '../tokens/issue-tokens.ts';
import type { Sealer } from '../tokens/seal.ts';
import { authorizeRoutes } from './authorize.ts';
import { discoveryRoutes } from './discovery.ts';
import { errorBody, OAuthError } from './oauth-error.ts';
import { tokenRoutes } from './token.ts';

/** What the routes of a tenant need. */
export interface Tenant {
  readonly origin: string;
  readonly directory: Directory;
  readonly keys: TenantKeys;
  readonly issuer: TokenIssuer;
  readonly sealer: Sealer;
}

/** One tenant, under its id and under its domain. */
export function createApp(tenant: Tenant): Hono {
  const { directory } = tenant;
  const app = new Hono();
  app.get('/health', (context) => context.json({ status: 'ok', issuer: tenant.issuer.issuer }));
  for (const name of [directory.tenantId, directory.domain]) {
    // Browser apps redeem codes and look keys up from other origins.
    for (const path of ['v2.0/*', 'discovery/*', 'oauth2/v2.0/token']) app.use(`/${name}/${path}`, cors());
    app.route(`/${name}`, discoveryRoutes(tenant));
    app.route(`/${name}/oauth2/v2.0`, tokenRoutes(tenant));
    app.route(`/${name}/oauth2/v2.0`, authorizeRoutes(tenant));
  }
  app.notFound((context) => {
    const [name = ''] = context.req.path.split('/').slice(1);
    const isKnown = name === directory.tenantId || name === directory.domain;
    if (isKnown) return context.json({ error: `There is no ${context.req.method} ${context.req.path} here.` }, 404);
    return context.json(errorBody(new OAuthError('invalid_tenant', 90002, `Tenant '${name}' not found.`)), 400);
  });
  app.onError((error, context) => {
    if (error instanceof OAuthError) return context.json(errorBody(error), error.status);
    process.stderr.write(`entra-id emulator: ${error.stack ?? error.message}\n`);
    return context.json(errorBody(new OAuthError('server_error', 50000, error.message)), 500);
  });
  return app;
}
