import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPowerBi, DEFAULTS } from '../../emulators/power-bi/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A cell of an answer. */
export type Cell = number | string | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** Power BI with the project's model, refreshed from a warehouse. */
export interface RefreshedModel {
  execute(dax: string): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

/** Starts Power BI with the generated model.bim, refreshes it by the enhanced refresh API and waits for the end. */
export async function startRefreshedModel(warehouse: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}): Promise<RefreshedModel> {
  const data = mkdtempSync(join(tmpdir(), 'power-bi-'));
  const { port, user, password, database } = warehouse;
  const services = await createPowerBi({
    port: 0,
    data,
    modelFile: join(ROOT, 'semantic-model', 'analysis-services', 'model.bim'),
    tokens: ['token'],
    source: { server: '127.0.0.1', port, user, password, database, encrypt: false },
  });
  const dataset = `${services.url}/v1.0/myorg/groups/${DEFAULTS.groupId}/datasets/${DEFAULTS.datasetId}`;
  const headers = { authorization: 'Bearer token', 'content-type': 'application/json' };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${dataset}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  const accepted = await post('refreshes', { type: 'full' });
  const location = accepted.headers.get('location') ?? '';
  for (;;) {
    const response = await fetch(location, { headers });
    if (response.status === 202) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    const { status, messages } = (await response.json()) as { status: string; messages?: unknown };
    if (status !== 'Completed') throw new Error(`The refresh ended as ${status}: ${JSON.stringify(messages)}`);
    break;
  }
  return {
    async execute(dax) {
      const response = await post('executeQueries', {
        queries: [{ query: dax }],
        serializerSettings: { includeNulls: true },
      });
      const body = (await response.json()) as { results: { tables: { rows: Row[] }[] }[] };
      const rows = body.results?.[0]?.tables[0]?.rows;
      if (rows === undefined) throw new Error(`${JSON.stringify(body)} for ${dax}`);
      return rows;
    },
    async stop() {
      await services.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
