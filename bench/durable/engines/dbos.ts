import { join } from 'node:path';
import { startProcess } from '../../../scripts/stack/managed-process.ts';
import { nodeSpec, urlOf } from '../../support/node-server.ts';
import { type Engine, httpEngine } from './engine.ts';
import { startPostgres } from './postgres.ts';

/** DBOS in a Node process over a PostgreSQL with its defaults. */
export async function startDbos(peers: string, folder: string): Promise<Engine> {
  const postgres = await startPostgres(folder);
  const spec = nodeSpec('dbos', join(peers, 'dbos.mjs'), [postgres.url], join(folder, 'dbos.log'));
  const server = await startProcess(spec);
  return httpEngine('dbos', urlOf(server), async () => {
    await server.stop();
    await postgres.stop();
  });
}
