import type { HttpRequest } from './actions.ts';

/** What a `ManagedIdentityTokenSource` says. */
export type TokenSource = NonNullable<HttpRequest['tokenSource']>;

interface Token {
  readonly text: string;
  readonly expiresAt: number;
}

/** A token is asked for anew so long before it ends. */
const marginMs = 5 * 60_000;

const timeoutMs = 30_000;

/**
 * Access tokens for `callHttp` with a token source, got as the extension's DefaultAzureCredential gets them on a server:
 * with a client secret (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_AUTHORITY_HOST), or from the managed
 * identity endpoint of App Service (IDENTITY_ENDPOINT, IDENTITY_HEADER). They are kept in memory only.
 */
export class AccessTokens {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #tokens = new Map<string, Token>();

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
  }

  /** @throws Error when there is no identity, or it gets no token. */
  async get(source: TokenSource): Promise<string> {
    const resource = (source.resource ?? '').replace(/\/\.default$/, '');
    if (source.kind !== 'AzureManagedIdentity' || resource === '') {
      throw new Error('callHttp knows no token source but ManagedIdentityTokenSource with a resource');
    }
    const known = this.#tokens.get(resource);
    if (known !== undefined && known.expiresAt - marginMs > Date.now()) {
      return known.text;
    }
    const token = await this.#ask(resource);
    this.#tokens.set(resource, token);
    return token.text;
  }

  #ask(resource: string): Promise<Token> {
    const {
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_AUTHORITY_HOST: authority = 'https://login.microsoftonline.com',
      IDENTITY_ENDPOINT: endpoint,
      IDENTITY_HEADER: header,
    } = this.#environment;
    if (tenant !== undefined && clientId !== undefined && secret !== undefined) {
      const url = `${authority.replace(/\/+$/, '')}/${tenant}/oauth2/v2.0/token`;
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope: `${resource}/.default`,
      });
      return readToken(url, { method: 'POST', body });
    }
    if (endpoint !== undefined && header !== undefined) {
      const url = new URL(endpoint);
      url.searchParams.set('api-version', '2019-08-01');
      url.searchParams.set('resource', resource);
      if (clientId !== undefined) {
        url.searchParams.set('client_id', clientId);
      }
      return readToken(url.href, { headers: { 'X-IDENTITY-HEADER': header } });
    }
    throw new Error(
      `callHttp needs an identity to get a token for ${resource}: set IDENTITY_ENDPOINT and IDENTITY_HEADER, or ` +
        'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
    );
  }
}

/** @throws Error that says where, and neither what was sent nor what came back. */
async function readToken(url: string, init: RequestInit): Promise<Token> {
  const where = url.split('?')[0];
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  const answer = response.ok ? ((await response.json()) as Record<string, unknown>) : {};
  if (typeof answer.access_token !== 'string') {
    throw new Error(`callHttp got no token from ${where}: it answered ${response.status}`);
  }
  // App Service tells a time in seconds since 1970, Entra ID how many seconds the token lasts.
  const expiresAt =
    answer.expires_on === undefined
      ? Date.now() + Number(answer.expires_in ?? 0) * 1000
      : Number(answer.expires_on) * 1000;
  return { text: answer.access_token, expiresAt: Number.isFinite(expiresAt) ? expiresAt : 0 };
}
