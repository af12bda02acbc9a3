/** A person who can sign in. */
export interface Account {
  readonly oid: string;
  readonly username: string;
  readonly name: string;
  /** App roles of the API that this account is assigned to. */
  readonly roles: readonly string[];
}

/** An application's registration. */
export interface Application {
  readonly clientId: string;
  readonly name: string;
  /** spa: redeems codes from a browser only. public: has no secret. daemon: acts for itself, with a secret. */
  readonly kind: 'spa' | 'public' | 'daemon';
  /** Object id of a daemon's service principal. */
  readonly oid?: string;
  readonly secret?: string;
  /** App roles that a daemon is assigned to. */
  readonly roles?: readonly string[];
}

/** One tenant: its people, its applications, and the API that tokens are for. */
export interface Directory {
  readonly tenantId: string;
  /** The tenant's domain, which may stand for its id in URLs. */
  readonly domain: string;
  readonly api: { readonly clientId: string; readonly name: string; readonly scope: string };
  readonly applications: readonly Application[];
  readonly accounts: readonly Account[];
}

/** The secret of every sample daemon: public, like the other credentials of the emulators. */
export const SAMPLE_SECRET = 'local-development';

/** The sample tenant of the local stack. */
export const SAMPLE_DIRECTORY: Directory = {
  tenantId: '6f3d1c0e-52a7-4b8e-9d64-0c1b7a2e8f35',
  domain: 'landfall.example',
  api: { clientId: 'b1a9c7d2-3e4f-4a56-8c71-9f0e2d6b5a13', name: 'Landfall', scope: 'access_as_user' },
  applications: [
    { clientId: 'c4e8f1a6-7b20-4d93-a5f2-1e6c0b9d8a47', name: 'Landfall web', kind: 'spa' },
    { clientId: 'd92b6e04-1f58-4c3a-b7e9-5a0d4c8f2b61', name: 'Landfall command line', kind: 'public' },
    daemon('e0a17c35-8d42-4f69-92b8-3c5e7d1a0f01', 'Insights reader', ['Insights.Read']),
    daemon('e0a17c35-8d42-4f69-92b8-3c5e7d1a0f02', 'Data query', ['Data.Query']),
    daemon('e0a17c35-8d42-4f69-92b8-3c5e7d1a0f03', 'Pipeline operator', ['Pipeline.Operate']),
    daemon('e0a17c35-8d42-4f69-92b8-3c5e7d1a0f04', 'Pipeline administrator', ['Pipeline.Admin']),
    daemon('e0a17c35-8d42-4f69-92b8-3c5e7d1a0f05', 'Without roles', []),
  ],
  accounts: [
    account('a1', 'reader', 'Rhea Reader', ['Insights.Read']),
    account('a2', 'analyst', 'Ana Analyst', ['Insights.Read', 'Data.Query']),
    account('a3', 'operator', 'Otto Operator', ['Insights.Read', 'Data.Query', 'Pipeline.Operate']),
    account('a4', 'admin', 'Ada Admin', ['Insights.Read', 'Data.Query', 'Pipeline.Operate', 'Pipeline.Admin']),
    account('a5', 'guest', 'Gus Guest', []),
  ],
};

/** The application with that id; undefined when there is none. */
export function applicationOf(directory: Directory, clientId: string | undefined): Application | undefined {
  return directory.applications.find((application) => application.clientId === clientId);
}

function daemon(clientId: string, name: string, roles: readonly string[]): Application {
  // The service principal has an id of its own, as in Entra ID.
  return { clientId, name, kind: 'daemon', oid: clientId.replace(/^e0a1/, 'f0b2'), secret: SAMPLE_SECRET, roles };
}

function account(id: string, user: string, name: string, roles: readonly string[]): Account {
  return { oid: `5b8e2f70-c6d1-4e3a-8f94-7d0a1b2c3d${id}`, username: `${user}@landfall.example`, name, roles };
}
