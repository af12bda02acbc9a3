import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SAMPLE_DIRECTORY } from '../../emulators/entra-id/directory.ts';
import { readKeys } from '../../scripts/stack/read-keys.ts';
import { ROLES } from '../../src/shared/identity/roles.ts';
import { forgeTokens } from '../support/forge-tokens.ts';
import { type Credential, daemonToken, type Operation, readApi } from './support/access-matrix.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

/** What anyone may call. Who adds a route to it says here why nobody needs to be known. */
const OPEN = [
  'GET /api/health', // probes
  'GET /api/openapi.json', // no data
  'GET /api/sign-in', // before one is known
];

/** Questions that are sent as a body, and change nothing. */
const QUESTIONS = ['/api/metrics/query'];

describe('who may do what', () => {
  let stack: TestStack;
  let operations: readonly Operation[];
  let undocumented: readonly string[];
  let unregistered: readonly string[];
  let bad: readonly Credential[];
  let tokens: ReadonlyMap<string, string>;

  beforeAll(async () => {
    stack = await startTestStack();
    const keys = readKeys(stack.stateFolder);
    ({ operations, undocumented, unregistered } = await readApi(stack.ports.functions, keys.master));
    const forged = await forgeTokens(join(stack.stateFolder, 'entra-id'), {
      issuer: stack.settings.AUTH_ISSUER ?? '',
      audience: SAMPLE_DIRECTORY.api.clientId,
      roles: ROLES,
    });
    bad = [
      { name: 'nothing', headers: {} },
      ...Object.entries(forged.bad).map(([name, token]) => ({
        name: `a token ${name}`,
        headers: { authorization: `Bearer ${token}` },
      })),
      ...['', 'none', 'undefined', keys.master, keys.eventGrid, keys.durable, `${keys.host}x`].map((key, index) => ({
        name: `wrong key ${index}`,
        headers: { 'x-functions-key': key },
      })),
    ];
    const issuer = stack.settings.AUTH_ISSUER ?? '';
    tokens = new Map(
      await Promise.all(
        [...ROLES, undefined].map(async (role) => [role ?? 'no role', await daemonToken(issuer, role)] as const),
      ),
    );
  });
  afterAll(() => stack.dispose());

  const call = async ({ method, url }: Operation, headers: Readonly<Record<string, string>>, query = '') => {
    const response = await fetch(`http://127.0.0.1:${stack.ports.functions}${url}${query}`, {
      method,
      headers,
      signal: AbortSignal.timeout(30_000),
    });
    const isProblem = response.headers.get('content-type') === 'application/problem+json';
    const detail = isProblem ? ((await response.json()) as { detail: string }).detail : undefined;
    if (!isProblem) await response.body?.cancel(); // a stream of events would not end
    return { status: response.status, challenge: response.headers.get('www-authenticate') ?? '', detail };
  };
  /** Runs one check of every operation and gives those that fail it. */
  const failing = async (
    of: readonly Operation[],
    check: (operation: Operation) => Promise<string | undefined>,
  ): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const operation of of) {
      const wrong = await check(operation);
      if (wrong !== undefined) found.push(`${operation.name}: ${wrong}`);
    }
    return found;
  };
  const guarded = (): readonly Operation[] => operations.filter(({ role }) => role !== undefined);

  test('is in the document for every route of the app, and for no other', () => {
    expect({ undocumented, unregistered }).toEqual({ undocumented: [], unregistered: [] });
    expect(guarded().length).toBeGreaterThan(10);
  });

  test('leaves open what must be open, and lets only others than readers change anything', () => {
    expect(
      operations
        .filter(({ role }) => role === undefined)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(OPEN);
    expect(guarded().filter(({ role }) => !ROLES.some((known) => known === role))).toEqual([]);
    const mayChange = guarded().filter(({ method, url }) => method !== 'GET' && !QUESTIONS.includes(url));
    expect(mayChange.filter(({ role }) => role === 'Insights.Read')).toEqual([]);
  });

  test('turns away every call without a good token or key, and says why', async () => {
    for (const { name, headers } of bad) {
      const isToken = 'authorization' in headers;
      const wrong = await failing(guarded(), async (operation) => {
        const { status, challenge, detail } = await call(operation, headers);
        const says = challenge.includes('error="invalid_token"') === isToken && challenge.startsWith('Bearer ');
        return status === 401 && says && detail !== undefined ? undefined : `${status} ${challenge}`;
      });
      expect([name, wrong]).toEqual([name, []]);
    }
  });

  test('lets each role through the routes that ask for it, and names it on all others', async () => {
    for (const [role, token] of tokens) {
      const wrong = await failing(guarded(), async (operation) => {
        const { status, detail } = await call(operation, { authorization: `Bearer ${token}` });
        const isIn = status !== 401 && !detail?.startsWith('This needs the role');
        if (operation.role === role) return isIn && status < 500 ? undefined : `${status} ${detail}`;
        return status === 403 && detail === `This needs the role ${operation.role}.`
          ? undefined
          : `${status} ${detail}`;
      });
      expect([role, wrong]).toEqual([role, []]);
    }
  });

  test('opens by the function key, in header or query, what is not administration', async () => {
    const wrong = await failing(guarded(), async (operation) => {
      const inHeader = await call(operation, { 'x-functions-key': stack.api.key });
      const inQuery = await call(operation, {}, `?code=${stack.api.key}`);
      const isOut = ({ status, detail }: typeof inHeader): boolean =>
        status === 401 || (status === 403 && detail?.startsWith('This needs the role') === true);
      const mustBeOut = operation.role === 'Pipeline.Admin';
      return isOut(inHeader) === mustBeOut && isOut(inQuery) === mustBeOut ? undefined : `${inHeader.status}`;
    });
    expect(wrong).toEqual([]);
  });

  test('asks nothing of who calls what is open', async () => {
    const wrong = await failing(
      operations.filter(({ role }) => role === undefined),
      async (operation) => {
        const { status } = await call(operation, { authorization: 'Bearer abc' });
        return status === 200 ? undefined : String(status);
      },
    );
    expect(wrong).toEqual([]);
  });
});
