import { HttpRequest } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { RequestProblem } from '../../../src/shared/http/problem.ts';
import { createIdentity, type Identity } from '../../../src/shared/identity/identity.ts';
import type { Access } from '../../../src/shared/identity/roles.ts';
import { API, startEntraId, type TestEntraId, WEB } from '../../emulators/entra-id/start-entra-id.ts';
import { type ForgedTokens, forgeTokens } from '../../support/forge-tokens.ts';

const KEY = 'the-function-key';
let entraId: TestEntraId;
let tokens: ForgedTokens;
let identity: Identity;

beforeAll(async () => {
  entraId = await startEntraId();
  const issuer = entraId.issuer();
  tokens = await forgeTokens(entraId.folder, { issuer, audience: API, roles: ['Insights.Read'] });
  identity = createIdentity({ tokens: { issuer, audience: API }, clientId: WEB, functionKey: KEY });
});
afterAll(() => entraId.dispose());

/** The status that a request gets from the guard, 200 when it is let in, and the challenge that goes with it. */
async function ask(
  who: Identity,
  access: Access,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<{ status: number; challenge?: string | undefined; detail?: string }> {
  try {
    await who.admit(new HttpRequest({ method: 'GET', url: `http://localhost/api/x${query}`, headers }), access);
    return { status: 200 };
  } catch (error) {
    if (!(error instanceof RequestProblem)) throw error;
    return { status: error.status, challenge: error.headers['www-authenticate'], detail: error.message };
  }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('the guard', () => {
  test('lets in a token with the role, and names the role that is missing', async () => {
    expect(await ask(identity, 'Insights.Read', bearer(tokens.good))).toEqual({ status: 200 });
    expect(await ask(identity, 'Data.Query', bearer(tokens.good))).toEqual({
      status: 403,
      challenge: 'Bearer realm="landfall", error="insufficient_scope", scope="Data.Query"',
      detail: 'This needs the role Data.Query.',
    });
  });

  test('turns every other token away, and says that the token is what is wrong', async () => {
    const answers = await Promise.all(
      Object.entries(tokens.bad).map(async ([name, token]) => [
        name,
        await ask(identity, 'Insights.Read', bearer(token)),
      ]),
    );
    for (const [name, answer] of answers) {
      expect([name, answer]).toEqual([
        name,
        expect.objectContaining({ status: 401, challenge: expect.stringContaining('error="invalid_token"') }),
      ]);
    }
    expect(answers).toHaveLength(14);
  });

  test('does not remember a token beyond its end', async () => {
    expect(await ask(identity, 'Insights.Read', bearer(tokens.good))).toEqual({ status: 200 });
    const { exp = 0 } = decodeJwt(tokens.good);
    const others = ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const;
    const timers = ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const;
    jest.useFakeTimers({ now: (exp + 31) * 1000, doNotFake: [...others, ...timers] });
    try {
      expect(await ask(identity, 'Insights.Read', bearer(tokens.good))).toMatchObject({ status: 401 });
    } finally {
      jest.useRealTimers();
    }
  });

  test('takes the function key in the header and in the query, though not for administration', async () => {
    expect(await ask(identity, 'Pipeline.Operate', { 'x-functions-key': KEY })).toEqual({ status: 200 });
    expect(await ask(identity, 'Insights.Read', {}, `?code=${KEY}`)).toEqual({ status: 200 });
    expect(await ask(identity, 'Pipeline.Admin', { 'x-functions-key': KEY })).toMatchObject({ status: 403 });
    expect(await ask(identity, 'Insights.Read', { 'x-functions-key': `${KEY}x` })).toMatchObject({ status: 401 });
    expect(await ask(identity, 'Insights.Read', { 'x-functions-key': '' })).toMatchObject({ status: 401 });
  });

  test('judges a request that brings a token by the token alone', async () => {
    const both = { ...bearer(tokens.bad.expired ?? ''), 'x-functions-key': KEY };
    expect(await ask(identity, 'Insights.Read', both)).toMatchObject({ status: 401 });
  });

  test('gives no error code to a request that brings nothing, and none is asked of where anyone may call', async () => {
    expect((await ask(identity, 'Insights.Read')).challenge).toBe('Bearer realm="landfall"');
    expect(await ask(identity, 'Insights.Read', { authorization: 'Basic eDp5' })).toMatchObject({ status: 401 });
    expect(await ask(identity, 'anyone')).toEqual({ status: 200 });
  });

  test('is shut where neither tokens nor a key are configured, and takes only what is', async () => {
    const shut = createIdentity({});
    const keysOnly = createIdentity({ functionKey: KEY });
    const tokensOnly = createIdentity({ tokens: { issuer: entraId.issuer(), audience: API } });
    const status = async (who: Identity, headers: Readonly<Record<string, string>>): Promise<number> =>
      (await ask(who, 'Insights.Read', headers)).status;
    for (const given of ['', 'undefined', KEY]) expect(await status(shut, { 'x-functions-key': given })).toBe(401);
    expect(await status(shut, bearer(tokens.good))).toBe(401);
    expect(await status(keysOnly, bearer(tokens.good))).toBe(401);
    expect(await status(keysOnly, { 'x-functions-key': KEY })).toBe(200);
    expect(await status(tokensOnly, { 'x-functions-key': KEY })).toBe(401);
    expect(await status(tokensOnly, bearer(tokens.good))).toBe(200);
  });

  test('answers 503, and lets nobody in, while the issuer cannot be asked; then it goes on', async () => {
    const issuer = 'http://127.0.0.1:9/tenant/v2.0'; // nothing listens on the discard port
    const lost = createIdentity({ tokens: { issuer, audience: API } });
    expect(await ask(lost, 'Insights.Read', bearer(tokens.good))).toMatchObject({ status: 503 });
    await entraId.restart();
    expect(await ask(identity, 'Insights.Read', bearer(tokens.good))).toEqual({ status: 200 });
  });

  test('refuses an issuer whose configuration is of another', async () => {
    const domain = `${entraId.url()}/landfall.example/v2.0`;
    const confused = createIdentity({ tokens: { issuer: domain, audience: API } });
    expect(await ask(confused, 'Insights.Read', bearer(tokens.good))).toMatchObject({ status: 503 });
  });
});

describe('the way to sign in', () => {
  test('is what a browser app needs, and nothing where it is not configured', async () => {
    expect(await identity.signIn()).toEqual({
      issuer: entraId.issuer(),
      authorizationEndpoint: expect.stringMatching(/\/oauth2\/v2\.0\/authorize$/),
      tokenEndpoint: expect.stringMatching(/\/oauth2\/v2\.0\/token$/),
      endSessionEndpoint: expect.stringMatching(/\/oauth2\/v2\.0\/logout$/),
      clientId: WEB,
      scope: `openid profile offline_access api://${API}/.default`,
    });
    expect(await createIdentity({ functionKey: KEY }).signIn()).toBeUndefined();
  });
});
