import { SAMPLE_DIRECTORY } from '../../../emulators/entra-id/directory.ts';

/** An operation of the API, with a URL at which it can be tried and the role that the document says it asks for. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  /** Path with something in place of each parameter. */
  readonly url: string;
  /** Undefined where anyone may call. */
  readonly role: string | undefined;
}

/** What a caller brings. */
export interface Credential {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The operations of the document; routes of the app that it lacks, and operations that the app lacks. */
export interface Api {
  readonly operations: readonly Operation[];
  readonly undocumented: readonly string[];
  readonly unregistered: readonly string[];
}

interface Binding {
  readonly type: string;
  readonly route?: string;
  readonly methods?: readonly string[];
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { security?: Readonly<Record<string, string[]>>[] }>>>
  >;
}

/** Reads which routes the host serves, by its admin API, and what the API's own document says of them. */
export async function readApi(port: number, masterKey: string): Promise<Api> {
  const host = `http://127.0.0.1:${port}`;
  const functions = await getJson<{ config: { bindings: Binding[] } }[]>(`${host}/admin/functions`, masterKey);
  const { paths } = await getJson<Document>(`${host}/api/openapi.json`, masterKey);
  const served = functions
    .flatMap(({ config }) => config.bindings)
    .filter(({ type, route }) => type === 'httpTrigger' && (route ?? '').startsWith('api/'))
    .flatMap(({ route = '', methods = [] }) =>
      methods.map((method) => ({ method: method.toUpperCase(), path: `/${route}` })),
    );
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { security }]) => ({ method: method.toUpperCase(), path, security })),
  );
  const isSame = (route: { method: string; path: string }, other: { method: string; path: string }): boolean =>
    route.method === other.method && (route.path === other.path || stands(route.path, other.path));
  const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;
  return {
    operations: documented.map((operation) => ({
      name: nameOf(operation),
      method: operation.method,
      url: operation.path.replaceAll(/\{[^}]+\}/g, 'none'),
      role: roleOf(operation.security),
    })),
    undocumented: served.filter((route) => !documented.some((other) => isSame(route, other))).map(nameOf),
    unregistered: documented.filter((other) => !served.some((route) => isSame(route, other))).map(nameOf),
  };
}

/** Whether a route with parameters stands for a path of the document. */
function stands(route: string, path: string): boolean {
  const pattern = route.split('/').map((part) => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${pattern.join('/')}$`).test(path);
}

/** The role; what is wrong with the document in place of one. */
function roleOf(security: Readonly<Record<string, string[]>>[] | undefined): string | undefined {
  if (security === undefined) return 'the document does not say';
  const [asked] = security;
  return asked === undefined ? undefined : (asked.entraId?.[0] ?? 'the document names no role');
}

/** An access token of the sample daemon that has one role only, or none. */
export async function daemonToken(issuer: string, role: string | undefined): Promise<string> {
  const daemon = SAMPLE_DIRECTORY.applications.find(
    ({ kind, roles = [] }) => kind === 'daemon' && roles.length === (role === undefined ? 0 : 1) && roles[0] === role,
  );
  const response = await fetch(`${issuer.replace(/\/v2\.0$/, '')}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: daemon?.clientId ?? '',
      client_secret: daemon?.secret ?? '',
      scope: `api://${SAMPLE_DIRECTORY.api.clientId}/.default`,
    }),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`there is no token for ${role ?? 'no role'}`);
  return access_token;
}

async function getJson<T>(url: string, key: string): Promise<T> {
  const response = await fetch(url, { headers: { 'x-functions-key': key } });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return (await response.json()) as T;
}
