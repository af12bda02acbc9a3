import type { DatabricksApi, Json } from '../../infra/hooks/databricks-api.ts';

/** A workspace in memory, as far as the hook asks it: lists, objects by name, permissions; it counts what it makes. */
export class MemoryWorkspace {
  readonly made: string[] = [];
  readonly permissions = new Map<string, unknown>();
  readonly #objects = new Map<string, Json>();
  readonly #jobs: readonly string[];

  constructor(jobs: readonly string[]) {
    this.#jobs = jobs;
  }

  readonly api: DatabricksApi = async (method, path, body) => {
    const [route = '', query = ''] = path.split('?');
    const asked = decodeURIComponent(query);
    if (method === 'PATCH') {
      this.permissions.set(route, body);
      return {};
    }
    if (method === 'POST') return this.#make(route, body as Json);
    if (route === '2.2/jobs/list')
      return {
        jobs: this.#jobs.flatMap((name, id) => (asked === `name=${name}` ? [{ job_id: String(id), name }] : [])),
      };
    if (route === '2.0/sql/warehouses') return { warehouses: this.#all(route) };
    if (route.endsWith('/ServicePrincipals'))
      return {
        Resources: this.#all(route).filter((one) => asked === `filter=applicationId eq "${one.applicationId}"`),
      };
    return this.#objects.get(route);
  };

  #make(route: string, body: Json): Json {
    const name = String(body.name ?? body.applicationId);
    const path = `${route}/${body.catalog_name === undefined ? name : `${body.catalog_name}.${name}`}`;
    if (this.#objects.has(path)) throw new Error(`Databricks refused POST ${route}: ${name} exists`);
    this.made.push(path);
    const object = { ...body, id: `id-of-${name}` };
    this.#objects.set(path, object);
    return object;
  }

  #all(route: string): Json[] {
    return [...this.#objects].flatMap(([path, object]) => (path.startsWith(`${route}/`) ? [object] : []));
  }
}
