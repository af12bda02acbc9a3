import { afterAll, describe, expect, test } from '@jest/globals';
import { cleanUp, eventually, newFolder, startHost, tryStartHost } from '../start-host.ts';

afterAll(cleanUp);

const key = Buffer.from('key').toString('base64');
/** An account at a port where nobody listens. */
const nobody = `AccountName=acc;AccountKey=${key};${['Blob', 'Queue', 'Table'].map((service) => `${service}Endpoint=http://127.0.0.1:9/acc`).join(';')}`;
const start = (Storage: string) => tryStartHost('storage', newFolder(), { env: { Storage, COPIES: 'copies' } });

describe('an app whose storage account', () => {
  test('has no valid connection string does not start, and the string is not shown', async () => {
    const ended = await start(`AccountKey=${key}`);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/"Storage" is no connection string of a storage account: it has no AccountName/),
    });
    expect(ended).toMatchObject({ stderr: expect.not.stringContaining(key) });
  });

  test('cannot be reached starts, says so once for each trigger, and fails what needs it', async () => {
    const host = await startHost('storage', newFolder(), { env: { Storage: nobody, COPIES: 'copies' } });
    const logged = (text: string) => eventually(async () => (host.stderr().includes(text) ? true : undefined), text);
    await logged('the queue "first" cannot be read: the storage account acc cannot be reached at http://127.0.0.1:9');
    await logged('blobs of "inbox" cannot be read: the storage account acc cannot be reached at http://127.0.0.1:9');
    const body = JSON.stringify({ output: 'lost' });
    expect((await fetch(`${host.url}/api/send`, { method: 'POST', body })).status).toBe(500);
    expect((await fetch(`${host.url}/api/seen`)).status).toBe(200);
    expect(host.stderr().split('the queue "first" cannot be read')).toHaveLength(2);
    expect(await host.stop()).toBe(0);
  });
});
