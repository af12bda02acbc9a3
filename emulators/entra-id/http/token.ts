import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import type { JWTPayload } from 'jose';
import { type Account, type Application, applicationOf } from '../directory.ts';
import { TOKEN_SECONDS } from '../tokens/issue-tokens.ts';
import { parseScopes, presentScopes } from '../tokens/parse-scopes.ts';
import type { Tenant } from './app.ts';
import { OAuthError } from './oauth-error.ts';

/** A refresh token of a browser app lives a day, as in Entra ID. */
const REFRESH_SECONDS = 86_400;

type Form = Readonly<Record<string, string | undefined>>;

/** POST token: the three grants. Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow. */
export function tokenRoutes(tenant: Tenant): Hono {
  const { directory, issuer, sealer } = tenant;
  const redeemed = new Map<string, number>();

  return new Hono().post('/token', async (context) => {
    const form = await readForm(context.req.raw);
    const basic = readBasic(context.req.header('authorization'));
    const client = findClient(basic?.clientId ?? form.client_id);
    const secret = basic?.secret ?? form.client_secret;
    const origin = context.req.header('origin');
    context.header('cache-control', 'no-store');
    context.header('pragma', 'no-cache');
    switch (required(form, 'grant_type')) {
      case 'client_credentials':
        return context.json(await forDaemon(client, secret, form));
      case 'authorization_code':
        refuseWrongSide(client, origin);
        return context.json(await byCode(client, form));
      case 'refresh_token':
        refuseWrongSide(client, origin);
        return context.json(await byRefreshToken(client, form));
      default:
        throw new OAuthError('unsupported_grant_type', 70003, `The grant type '${form.grant_type}' is not supported.`);
    }
  });

  function findClient(clientId: string | undefined): Application {
    if (clientId === undefined || clientId === '') {
      throw new OAuthError(
        'invalid_request',
        900144,
        "The request body must contain the following parameter: 'client_id'.",
      );
    }
    const client = applicationOf(directory, clientId);
    if (client !== undefined) return client;
    throw new OAuthError(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${directory.domain}'.`,
    );
  }

  async function forDaemon(client: Application, secret: string | undefined, form: Form): Promise<object> {
    if (form.client_assertion !== undefined)
      throw new OAuthError('invalid_request', 700027, 'This emulator takes client secrets, no assertions.');
    if (client.kind !== 'daemon' || client.secret === undefined)
      throw new OAuthError('unauthorized_client', 700025, `Client '${client.name}' is public: it has no secret.`);
    if (secret === undefined) {
      throw new OAuthError(
        'invalid_client',
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        401,
      );
    }
    if (!isEqual(client.secret, secret)) {
      throw new OAuthError(
        'invalid_client',
        7000215,
        `Invalid client secret provided for app '${client.clientId}'.`,
        401,
      );
    }
    const scope = form.scope ?? '';
    if (!scope.endsWith('/.default') || scope.includes(' ')) {
      throw new OAuthError(
        'invalid_scope',
        1002012,
        `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
      );
    }
    parseScopes(scope, directory);
    return {
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS - 1,
      ext_expires_in: TOKEN_SECONDS - 1,
      access_token: await issuer.forDaemon(client),
    };
  }

  async function byCode(client: Application, form: Form): Promise<object> {
    const grant = await sealer.open('code', required(form, 'code'));
    if (grant === undefined || grant.client !== client.clientId || grant.redirect !== form.redirect_uri) {
      throw new OAuthError(
        'invalid_grant',
        70008,
        'The provided authorization code is expired, malformed, or of another client or redirect URI. Sign in again.',
      );
    }
    if (!redeemOnce(grant))
      throw new OAuthError('invalid_grant', 54005, 'OAuth2 Authorization code was already redeemed.');
    const verifier = required(form, 'code_verifier');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (!isEqual(challenge, String(grant.challenge)))
      throw new OAuthError('invalid_grant', 501481, 'The Code_Verifier does not match the code_challenge.');
    return tokens(client, grant, String(grant.scope).split(' '), form);
  }

  async function byRefreshToken(client: Application, form: Form): Promise<object> {
    const grant = await sealer.open('refresh', required(form, 'refresh_token'));
    if (grant === undefined || grant.client !== client.clientId)
      throw new OAuthError('invalid_grant', 700082, 'The refresh token has expired or is malformed. Sign in again.');
    const granted = String(grant.scope).split(' ');
    const scopes = form.scope === undefined ? granted : parseScopes(form.scope, directory);
    return tokens(client, grant, [...new Set([...scopes, 'offline_access'])], form);
  }

  async function tokens(
    client: Application,
    grant: JWTPayload,
    scopes: readonly string[],
    form: Form,
  ): Promise<object> {
    const account = findAccount(grant);
    const again = scopes.includes('offline_access');
    const refreshed = { client: client.clientId, oid: account.oid, scope: scopes.join(' ') };
    const nonce = typeof grant.nonce === 'string' ? grant.nonce : undefined;
    return {
      token_type: 'Bearer',
      scope: presentScopes(scopes, directory),
      expires_in: TOKEN_SECONDS - 1,
      ext_expires_in: TOKEN_SECONDS - 1,
      access_token: await issuer.forAccount(account, client, scopes),
      ...(again ? { refresh_token: await sealer.seal('refresh', refreshed, REFRESH_SECONDS) } : {}),
      ...(scopes.includes('openid') ? { id_token: await issuer.idToken(account, client, nonce) } : {}),
      ...(form.client_info === '1' ? { client_info: clientInfo(account, directory.tenantId) } : {}),
    };
  }

  function findAccount(grant: JWTPayload): Account {
    const account = directory.accounts.find(({ oid }) => oid === grant.oid);
    if (account === undefined)
      throw new OAuthError('invalid_grant', 50034, 'The user account does not exist in the directory any more.');
    return account;
  }

  /** A code is good once, for as long as it lives. */
  function redeemOnce({ jti = '', exp = 0 }: JWTPayload): boolean {
    const now = Date.now() / 1000;
    for (const [id, expiry] of redeemed) if (expiry < now) redeemed.delete(id);
    if (redeemed.has(jti)) return false;
    redeemed.set(jti, exp);
    return true;
  }
}

/** What MSAL tells people apart by. */
function clientInfo({ oid }: Account, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: oid, utid: tenantId })).toString('base64url');
}

function refuseWrongSide({ kind, clientId }: Application, origin: string | undefined): void {
  if (kind === 'spa' && origin === undefined) {
    throw new OAuthError(
      'invalid_request',
      9002327,
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    );
  }
  if (kind === 'public' && origin !== undefined) {
    throw new OAuthError(
      'invalid_request',
      9002326,
      `Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Client: '${clientId}'.`,
    );
  }
  if (kind === 'daemon')
    throw new OAuthError('unauthorized_client', 700051, 'A daemon signs nobody in: use client_credentials.');
}

async function readForm(request: Request): Promise<Form> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded'))
    throw new OAuthError('invalid_request', 900144, 'The request body must be application/x-www-form-urlencoded.');
  return Object.fromEntries(new URLSearchParams(await request.text()));
}

function readBasic(header: string | undefined): { clientId: string; secret: string } | undefined {
  const encoded = header?.match(/^Basic (.+)$/i)?.[1];
  if (encoded === undefined) return undefined;
  const [clientId = '', secret = ''] = Buffer.from(encoded, 'base64')
    .toString('utf8')
    .split(':')
    .map((part) => decodeURIComponent(part));
  return { clientId, secret };
}

function required(form: Form, name: string): string {
  const value = form[name];
  if (value === undefined || value === '') {
    throw new OAuthError(
      'invalid_request',
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    );
  }
  return value;
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
