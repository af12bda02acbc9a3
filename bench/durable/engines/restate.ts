import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../scripts/stack/free-port.ts';
import { startProcess } from '../../../scripts/stack/managed-process.ts';
import { nodeSpec, urlOf } from '../../support/node-server.ts';
import { type Engine, httpEngine } from './engine.ts';

/** Restate's server, one node with its defaults (its log is synced to the disk before it answers), and a service in Node. */
export async function startRestate(peers: string, folder: string): Promise<Engine> {
  const [node, ingress, admin] = [await freePort(), await freePort(), await freePort()];
  const server = await startProcess({
    name: 'restate',
    command: join(peers, 'node_modules', '.bin', 'restate-server'),
    args: ['--no-logo', '--node-name', 'bench', '--base-dir', join(folder, 'restate'), '--listen-mode', 'tcp'],
    env: {
      ...process.env,
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(node),
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_DISABLE_ANSI_CODES: 'true',
    },
    cwd: folder,
    logFile: join(folder, 'restate.log'),
    ready: /Restate node roles \[.*\] were started/,
  });
  const spec = nodeSpec('restate service', join(peers, 'restate.mjs'), ['0'], join(folder, 'restate-service.log'));
  const service = await startProcess(spec);
  await register(`http://127.0.0.1:${admin}`, urlOf(service));
  return httpEngine('restate', `http://127.0.0.1:${ingress}/bench/sequence`, async () => {
    await service.stop();
    await server.stop();
  });
}

/** Makes a service known to the server, which needs a moment until it can be told. */
async function register(admin: string, service: string): Promise<void> {
  let last: unknown;
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const response = await fetch(`${admin}/deployments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uri: service }),
      });
      if (response.ok) return;
      last = await response.text();
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`Restate does not take its service: ${String(last)}`);
}
