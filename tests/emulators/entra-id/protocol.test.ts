import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SAMPLE_SECRET } from '../../../emulators/entra-id/directory.ts';
import { API, COMMAND_LINE, READER_DAEMON, startEntraId, TENANT, type TestEntraId, WEB } from './start-entra-id.ts';

let entraId: TestEntraId;
beforeAll(async () => {
  entraId = await startEntraId();
});
afterAll(() => entraId.dispose());

async function askToken(
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; code: number | undefined }> {
  const response = await fetch(`${entraId.url()}/${TENANT}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const body = (await response.json()) as { error_codes?: number[] };
  return { status: response.status, code: body.error_codes?.[0] };
}

const DAEMON = {
  grant_type: 'client_credentials',
  client_id: READER_DAEMON,
  client_secret: SAMPLE_SECRET,
  scope: `api://${API}/.default`,
};

describe('the token endpoint', () => {
  test('refuses by the numbers of the platform', async () => {
    const { client_secret: _, ...withoutSecret } = DAEMON;
    expect(await askToken(DAEMON)).toEqual({ status: 200, code: undefined });
    expect(await askToken(withoutSecret)).toEqual({ status: 401, code: 7000218 });
    expect(await askToken({ ...DAEMON, client_id: TENANT })).toEqual({ status: 400, code: 700016 });
    expect(await askToken({ ...DAEMON, client_id: WEB })).toEqual({ status: 400, code: 700025 });
    expect(await askToken({ ...DAEMON, scope: `api://${API}/access_as_user` })).toEqual({ status: 400, code: 1002012 });
    expect(await askToken({ ...DAEMON, scope: 'api://other/.default' })).toEqual({ status: 400, code: 500011 });
    expect(await askToken({ ...DAEMON, grant_type: 'password' })).toEqual({ status: 400, code: 70003 });
    expect(await askToken({})).toEqual({ status: 400, code: 900144 });
  });

  test('takes no refresh token for a code, nor one that was altered', async () => {
    const form = { client_id: COMMAND_LINE, redirect_uri: 'http://localhost/', code_verifier: 'x' };
    expect(await askToken({ ...form, grant_type: 'authorization_code', code: 'x.y' })).toEqual({
      status: 400,
      code: 70008,
    });
    expect(await askToken({ ...form, grant_type: 'refresh_token', refresh_token: 'x' })).toEqual({
      status: 400,
      code: 700082,
    });
  });
});

describe('the page', () => {
  const authorize = (query: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${entraId.url()}/landfall.example/oauth2/v2.0/authorize?${new URLSearchParams(query)}`, {
      redirect: 'manual',
    });
  const GOOD = {
    client_id: WEB,
    response_type: 'code',
    redirect_uri: 'http://localhost:5173/',
    scope: 'openid',
    code_challenge: 'x',
    code_challenge_method: 'S256',
  };

  test('lists the accounts with what they may do, and lets nothing run or frame it', async () => {
    const response = await authorize(GOOD);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('<html lang="en">');
    expect(page).toMatch(/Ana Analyst[\s\S]*analyst@landfall\.example[\s\S]*Insights\.Read, Data\.Query/);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  });

  test('shows what it will not send to an address it does not trust', async () => {
    for (const redirect_uri of ['https://evil.example/', 'http://localhost.evil.example/', 'javascript:alert(1)', '']) {
      const response = await authorize({ ...GOOD, redirect_uri });
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      expect(await response.text()).toContain('AADSTS50011');
    }
    expect(await (await authorize({ ...GOOD, client_id: 'x"><script>' })).text()).not.toContain('<script>');
  });

  test('asks for PKCE, and takes a choice from itself only', async () => {
    const { code_challenge: _, ...without } = GOOD;
    expect((await authorize(without)).headers.get('location')).toContain('error=invalid_request');
    const forged = await fetch(`${entraId.url()}/${TENANT}/oauth2/v2.0/authorize?${new URLSearchParams(GOOD)}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ account: 'admin@landfall.example' }),
    });
    expect(forged.headers.get('location')).toContain('error=invalid_request');
    expect(forged.headers.getSetCookie()).toEqual([]);
  });

  test('of sign-out ends the session and leads back to this machine only', async () => {
    const logout = (uri: string): Promise<Response> =>
      fetch(`${entraId.url()}/${TENANT}/oauth2/v2.0/logout?post_logout_redirect_uri=${encodeURIComponent(uri)}`, {
        redirect: 'manual',
      });
    const back = await logout('http://127.0.0.1:7071/');
    expect(back.headers.get('location')).toBe('http://127.0.0.1:7071/');
    expect(back.headers.getSetCookie().join()).toMatch(/ESTSAUTH=;.*Max-Age=0/);
    expect((await logout('https://evil.example/')).status).toBe(200);
  });
});

describe('the tenant', () => {
  test('keeps its keys in a file that only its owner can read, and shows the public one only', async () => {
    expect(statSync(join(entraId.folder, 'keys.json')).mode & 0o777).toBe(0o600);
    const response = await fetch(`${entraId.url()}/${TENANT}/discovery/v2.0/keys`);
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['e', 'issuer', 'kid', 'kty', 'n', 'use']]);
  });

  test('is the only one', async () => {
    const response = await fetch(`${entraId.url()}/other.example/v2.0/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
  });
});
