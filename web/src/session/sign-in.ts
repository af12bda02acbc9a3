import * as oauth from 'oauth4webapi';
import { readProblem } from '../api/api-problem.ts';
import { rolesOf, type Tokens } from './tokens.ts';

/** GET /api/sign-in: where people sign in. */
interface SignInSettings {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint: string | null;
  readonly clientId: string;
  readonly scope: string;
}

/** What is kept while the browser is at the issuer. */
interface Pending {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly returnTo: string;
}

const PENDING = 'landfall-sign-in';

/** Goes to the issuer: authorization code with PKCE. Source: RFC 9700, sections 2.1.1 and 4.18; RFC 7636. */
export async function startSignIn(options: { readonly otherAccount: boolean }): Promise<void> {
  const settings = await readSettings();
  const verifier = oauth.generateRandomCodeVerifier();
  const pending: Pending = {
    verifier,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    returnTo: location.pathname + location.search,
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(settings.authorizationEndpoint);
  url.search = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    response_type: 'code',
    scope: settings.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(options.otherAccount ? { prompt: 'select_account' } : {}),
  }).toString();
  location.assign(url);
}

/**
 * Ends a sign-in when this page load comes back from the issuer.
 * @returns the tokens and the address to go on at; undefined when it does not come from there
 * @throws Error with what the issuer said
 */
export async function completeSignIn(): Promise<{ tokens: Tokens; returnTo: string } | undefined> {
  const url = new URL(location.href);
  const text = sessionStorage.getItem(PENDING);
  if (!url.searchParams.has('state') || text === null) return undefined;
  sessionStorage.removeItem(PENDING);
  const { verifier, state, nonce, returnTo } = JSON.parse(text) as Pending;
  const settings = await readSettings();
  const [server, client] = parties(settings);
  const answer = oauth.validateAuthResponse(server, client, url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    answer,
    redirectUri(),
    verifier,
    requestOptions(server),
  );
  const result = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return { tokens: toTokens(result, displayName(result)), returnTo };
}

/** New tokens for old; undefined when the issuer gives none any more. @throws TypeError when there is no network */
export async function refreshTokens(tokens: Tokens): Promise<Tokens | undefined> {
  if (tokens.refresh === undefined) return undefined;
  const [server, client] = parties(await readSettings());
  const options = requestOptions(server);
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, options);
  try {
    return toTokens(await oauth.processRefreshTokenResponse(server, client, response), tokens.name, tokens.refresh);
  } catch {
    return undefined;
  }
}

/** Ends the session at the issuer, too, and comes back. */
export async function leaveIssuer(): Promise<void> {
  const { endSessionEndpoint } = await readSettings();
  if (endSessionEndpoint === null) return;
  const url = new URL(endSessionEndpoint);
  url.searchParams.set('post_logout_redirect_uri', redirectUri());
  location.assign(url);
}

async function readSettings(): Promise<SignInSettings> {
  const response = await fetch('/api/sign-in');
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as SignInSettings;
}

function redirectUri(): string {
  return `${location.origin}/app/`;
}

function parties(settings: SignInSettings): readonly [oauth.AuthorizationServer, oauth.Client] {
  const { issuer, authorizationEndpoint, tokenEndpoint, clientId } = settings;
  const server = { issuer, authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint };
  return [server, { client_id: clientId }];
}

/** Plain http only to an issuer on this very machine, which no network carries. */
function requestOptions({
  token_endpoint: endpoint = '',
}: oauth.AuthorizationServer): oauth.TokenEndpointRequestOptions {
  const { protocol, hostname } = new URL(endpoint);
  const isHere = protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return isHere ? { [oauth.allowInsecureRequests]: true } : {};
}

function displayName(result: oauth.TokenEndpointResponse): string {
  const claims = oauth.getValidatedIdTokenClaims(result);
  const name = claims?.name ?? claims?.preferred_username;
  return typeof name === 'string' ? name : 'Signed in';
}

function toTokens(result: oauth.TokenEndpointResponse, name: string, earlierRefresh?: string): Tokens {
  const refresh = result.refresh_token ?? earlierRefresh;
  return {
    access: result.access_token,
    ...(refresh === undefined ? {} : { refresh }),
    expiresAt: Date.now() + (result.expires_in ?? 3600) * 1000,
    name,
    roles: rolesOf(result.access_token),
  };
}
