/** One request to a Databricks workspace; gives undefined for 404. */
export type DatabricksApi = (method: string, path: string, body?: unknown) => Promise<Json | undefined>;
export type Json = Readonly<Record<string, unknown>>;

/**
 * The REST API of a Databricks workspace, as docs.databricks.com/api/azure/workspace has it.
 * @throws Error with the service's answer, when it refuses
 */
export function createDatabricksApi(host: string, token: () => Promise<string>): DatabricksApi {
  return async (method, path, body) => {
    const response = await fetch(`${host}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`Databricks refused ${method} ${path}: ${response.status} ${text}`);
    // Ids of jobs have 64 bits: as text they keep all their digits.
    return JSON.parse(text === '' ? '{}' : text.replace(/("job_id":\s*)(\d+)/g, '$1"$2"')) as Json;
  };
}

/** The objects in a list of an answer. */
export function listed(answer: Json | undefined, field: string): readonly Json[] {
  const list = answer?.[field];
  return Array.isArray(list) ? (list as Json[]) : [];
}
