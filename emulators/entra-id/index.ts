import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Directory, SAMPLE_DIRECTORY } from './directory.ts';
import { createApp } from './http/app.ts';
import { loadKeys } from './store/load-keys.ts';
import { createTokenIssuer } from './tokens/issue-tokens.ts';
import { createSealer } from './tokens/seal.ts';

/** How the issuer is set up. */
export interface EntraIdOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of its keys, which are made at the first start. */
  readonly data: string;
  /** The tenant; the sample tenant by default. */
  readonly directory?: Directory;
}

/** A running issuer. */
export interface EntraId {
  readonly url: string;
  /** `iss` of its tokens, below which its OpenID configuration lies. */
  readonly issuer: string;
  close(): Promise<void>;
}

/** Starts a tenant of Entra ID on 127.0.0.1. What it gave out before on the same folder and port stays good. */
export async function createEntraId({ port, data, directory = SAMPLE_DIRECTORY }: EntraIdOptions): Promise<EntraId> {
  const keys = await loadKeys(data);
  let fetchApp: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const server = createAdaptorServer({ fetch: (request) => fetchApp(request) });
  await new Promise<void>((done, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${url}/${directory.tenantId}/v2.0`;
  const app = createApp({
    origin: url,
    directory,
    keys,
    issuer: createTokenIssuer(issuer, directory, keys),
    sealer: createSealer(keys.sealing),
  });
  fetchApp = app.fetch;
  return {
    url,
    issuer,
    async close() {
      const closed = new Promise((done) => server.close(done));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
