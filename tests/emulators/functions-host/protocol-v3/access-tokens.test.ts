import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { AccessTokens } from '../../../../emulators/functions-host/protocol-v3/access-tokens.ts';

const source = { kind: 'AzureManagedIdentity', resource: 'https://graph.microsoft.com/.default' };

test('without an identity the message says which settings make one', async () => {
  await expect(new AccessTokens({}).get(source)).rejects.toThrow(
    /token for https:\/\/graph.microsoft.com: set IDENTITY_ENDPOINT and IDENTITY_HEADER, or AZURE_TENANT_ID/,
  );
  await expect(new AccessTokens({}).get({ kind: 'Other' })).rejects.toThrow('ManagedIdentityTokenSource');
});

test('a client secret is exchanged for a token, which is asked for anew when it is about to end', async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk;
    }
    bodies.push(`${request.url} ${body}`);
    response.end(
      JSON.stringify({ access_token: `token ${bodies.length}`, expires_in: bodies.length === 1 ? 10 : 3600 }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tokens = new AccessTokens({
    AZURE_TENANT_ID: 'tenant',
    AZURE_CLIENT_ID: 'client',
    AZURE_CLIENT_SECRET: 'a secret',
    AZURE_AUTHORITY_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  });
  const got = [await tokens.get(source), await tokens.get(source), await tokens.get(source)];
  server.close();
  server.closeAllConnections();
  expect(got).toEqual(['token 1', 'token 2', 'token 2']);
  expect(bodies[0]).toBe(
    '/tenant/oauth2/v2.0/token grant_type=client_credentials&client_id=client&client_secret=a+secret&' +
      'scope=https%3A%2F%2Fgraph.microsoft.com%2F.default',
  );
});
