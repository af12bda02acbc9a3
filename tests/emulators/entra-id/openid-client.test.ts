import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { API, COMMAND_LINE, signInAs, startEntraId, TENANT, type TestEntraId, WEB } from './start-entra-id.ts';

const SCOPE = `openid profile offline_access api://${API}/.default`;
const HERE = 'http://127.0.0.1:7071/callback';

let entraId: TestEntraId;
beforeAll(async () => {
  entraId = await startEntraId();
});
afterAll(() => entraId.dispose());

async function discover(clientId: string): Promise<openid.Configuration> {
  return openid.discovery(new URL(entraId.issuer()), clientId, undefined, openid.None(), {
    execute: [openid.allowInsecureRequests],
  });
}

interface Flow {
  readonly config: openid.Configuration;
  readonly checks: openid.AuthorizationCodeGrantChecks;
  readonly address: URL;
}

async function begin(more: Readonly<Record<string, string>> = {}, clientId = COMMAND_LINE): Promise<Flow> {
  const config = await discover(clientId);
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: HERE,
    scope: SCOPE,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  });
  return { config, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }, address };
}

describe('a certified OpenID client', () => {
  test('signs a person in by authorization code with PKCE, and the token has his roles', async () => {
    const { config, checks, address } = await begin();
    const { location } = await signInAs('operator@landfall.example', address);
    const tokens = await openid.authorizationCodeGrant(config, location, checks);
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''));
    const { payload } = await jwtVerify(tokens.access_token, keys, { issuer: entraId.issuer(), audience: API });
    expect(payload).toMatchObject({
      azp: COMMAND_LINE,
      scp: 'access_as_user',
      preferred_username: 'operator@landfall.example',
      roles: ['Insights.Read', 'Data.Query', 'Pipeline.Operate'],
      tid: TENANT,
      ver: '2.0',
    });
    expect(tokens.claims()).toMatchObject({ aud: COMMAND_LINE, name: 'Otto Operator' });
    expect(tokens.claims()?.sub).not.toBe(payload.sub);
    expect(tokens.expires_in).toBeGreaterThan(3600);
    expect(tokens.scope).toBe(`openid profile api://${API}/access_as_user`);
  });

  test('refreshes the tokens, also after the issuer was started anew, and the session is remembered', async () => {
    const first = await begin();
    const { location, cookie } = await signInAs('analyst@landfall.example', first.address);
    const tokens = await openid.authorizationCodeGrant(first.config, location, first.checks);
    await entraId.restart();
    const again = await openid.refreshTokenGrant(await discover(COMMAND_LINE), tokens.refresh_token ?? '');
    expect(decodeJwt(again.access_token).roles).toEqual(['Insights.Read', 'Data.Query']);

    const silent = await begin({ prompt: 'none' });
    const answer = await signInAs('', silent.address, cookie);
    const quietly = await openid.authorizationCodeGrant(silent.config, answer.location, silent.checks);
    expect(quietly.claims()?.preferred_username).toBe('analyst@landfall.example');
  });

  test('is told that nobody is signed in, that the person cancelled, and what it asked for wrongly', async () => {
    const silent = await begin({ prompt: 'none' });
    const none = await signInAs('', silent.address);
    await expect(openid.authorizationCodeGrant(silent.config, none.location, silent.checks)).rejects.toMatchObject({
      error: 'login_required',
    });
    const cancelled = await begin();
    const away = await signInAs('', cancelled.address);
    await expect(
      openid.authorizationCodeGrant(cancelled.config, away.location, cancelled.checks),
    ).rejects.toMatchObject({ error: 'access_denied' });
    const wrong = await begin({ scope: 'api://nobody/.default' });
    expect((await signInAs('', wrong.address)).location.searchParams.get('error')).toBe('invalid_resource');
  });

  test('may redeem a code once, with its verifier and from its own client only', async () => {
    const { config, checks, address } = await begin();
    const { location } = await signInAs('reader@landfall.example', address);
    const other = await begin();
    await expect(
      openid.authorizationCodeGrant(config, location, {
        ...checks,
        pkceCodeVerifier: other.checks.pkceCodeVerifier ?? '',
      }),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(openid.authorizationCodeGrant(config, location, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const fresh = await begin();
    const next = (await signInAs('reader@landfall.example', fresh.address)).location;
    await expect(openid.authorizationCodeGrant(await discover(WEB), next, fresh.checks)).rejects.toMatchObject({
      error: 'invalid_request',
    });
    await expect(openid.authorizationCodeGrant(fresh.config, next, fresh.checks)).resolves.toBeDefined();
  });

  test('as a single-page application redeems codes across origins only, which CORS lets it do', async () => {
    const { config, checks, address } = await begin({ response_mode: 'fragment' }, WEB);
    const { location } = await signInAs('reader@landfall.example', address);
    const code = new URLSearchParams(location.hash.slice(1)).get('code') ?? '';
    const endpoint = config.serverMetadata().token_endpoint ?? '';
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: WEB,
      code,
      redirect_uri: HERE,
      code_verifier: checks.pkceCodeVerifier ?? '',
    });
    const refused = await fetch(endpoint, { method: 'POST', body });
    expect([refused.status, ((await refused.json()) as { error_codes: number[] }).error_codes]).toEqual([
      400,
      [9002327],
    ]);
    const preflight = await fetch(endpoint, {
      method: 'OPTIONS',
      headers: { origin: 'http://127.0.0.1:7071', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const answer = await fetch(endpoint, { method: 'POST', body, headers: { origin: 'http://127.0.0.1:7071' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});
