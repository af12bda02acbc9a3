import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT, type Settings } from '../stack/endpoints.ts';

type Json = { readonly [name: string]: unknown };

/**
 * Deploys the job definitions of the Asset Bundle by the Jobs API, as `databricks bundle deploy` does: each job is
 * created, or reset to its definition when the workspace has one of its name.
 */
export async function provisionDatabricks(settings: Settings): Promise<void> {
  const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const response = await fetch(`${settings.DATABRICKS_HOST}/api/2.2/jobs/${path}`, {
      method,
      headers: { authorization: `Bearer ${settings.DATABRICKS_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Databricks refused ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Json);
  };
  for (const job of bundleJobs(join(ROOT, 'databricks'))) {
    const { jobs } = await call('GET', `list?name=${encodeURIComponent(String(job.name))}`);
    const [existing] = Array.isArray(jobs) ? (jobs as Json[]) : [];
    if (existing === undefined) await call('POST', 'create', job);
    else await call('POST', 'reset', { job_id: existing.job_id, new_settings: job });
  }
}

/** The jobs of a bundle's resources, with its variables at their defaults. */
function bundleJobs(folder: string): Json[] {
  const bundle = parse(readFileSync(join(folder, 'databricks.yml'), 'utf8')) as {
    variables?: Record<string, { default?: unknown }>;
  };
  const resolve = (text: string): string =>
    text.replace(/\$\{var\.([a-z0-9_]+)\}/gi, (_whole, name: string) =>
      String(bundle.variables?.[name]?.default ?? ''),
    );
  const resources = join(folder, 'resources');
  const files = readdirSync(resources)
    .filter((name) => name.endsWith('.yml'))
    .sort();
  return files.flatMap((name) => {
    const document = parse(resolve(readFileSync(join(resources, name), 'utf8'))) as {
      resources?: { jobs?: Record<string, Json> };
    };
    return Object.values(document.resources?.jobs ?? {});
  });
}
