import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { SAMPLE_SECRET } from '../../../emulators/entra-id/directory.ts';
import { API, READER_DAEMON, startEntraId, TENANT, type TestEntraId } from './start-entra-id.ts';

let entraId: TestEntraId;
beforeAll(async () => {
  entraId = await startEntraId();
});
afterAll(() => entraId.dispose());

/** The SDK insists on https, which the emulator does not speak: this stands for a proxy that ends TLS before it. */
function credential(secret: string): ClientSecretCredential {
  const plain = entraId.url();
  const secure = plain.replace('http:', 'https:');
  return new ClientSecretCredential(TENANT, READER_DAEMON, secret, {
    authorityHost: secure,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
    httpClient: {
      async sendRequest(request) {
        const { method } = request;
        const response = await fetch(request.url.replace(secure, plain), {
          method,
          headers: request.headers.toJSON(),
          ...(typeof request.body === 'string' ? { body: request.body } : {}),
        });
        const headers = createHttpHeaders(Object.fromEntries(response.headers));
        return {
          request,
          status: response.status,
          headers,
          bodyAsText: (await response.text()).replaceAll(plain, secure),
        };
      },
    },
  });
}

describe('@azure/identity', () => {
  test('gets a daemon its token, with the roles that it was given', async () => {
    const { token, expiresOnTimestamp } = await credential(SAMPLE_SECRET).getToken(`api://${API}/.default`);
    expect(decodeJwt(token)).toMatchObject({
      aud: API,
      iss: entraId.issuer(),
      azp: READER_DAEMON,
      idtyp: 'app',
      roles: ['Insights.Read'],
      tid: TENANT,
      ver: '2.0',
    });
    expect(Math.abs(expiresOnTimestamp / 1000 - (decodeJwt(token).exp ?? 0))).toBeLessThanOrEqual(2);
  });

  test('is told by number that a secret is wrong', async () => {
    await expect(credential('wrong').getToken(`api://${API}/.default`)).rejects.toThrow(/AADSTS7000215/);
  });
});
