import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiFile } from '../../scripts/api-client.ts';
import { blobService } from '../../scripts/provision/storage.ts';
import { ROOT } from '../../scripts/stack/endpoints.ts';
import { queryWarehouse } from './support/digest.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

const AIRCRAFT = 'tailnum,since,seats\n';
const LEGS = 'leg,tailnum,flown,delay,reported\n';
const FOREVER = '9999-12-31';

interface Entry extends ApiFile {
  readonly deleted?: true;
  readonly set?: string;
  readonly manifest?: true;
  readonly missing?: string;
  readonly replacedBy?: { readonly id: string };
}

/** The contracts of this test, beside the schema. */
function ownDatasets(): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-datasets-'));
  cpSync(join(import.meta.dirname, 'datasets'), folder, { recursive: true });
  cpSync(join(ROOT, 'datasets', 'dataset.schema.json'), join(folder, 'dataset.schema.json'));
  return folder;
}

describe('what lands late, again, in another order or not at all any more', () => {
  const folder = ownDatasets();
  let stack: TestStack;

  beforeAll(async () => {
    process.env.DATASETS_FOLDER = folder;
    stack = await startTestStack();
  });
  afterAll(async () => {
    delete process.env.DATASETS_FOLDER;
    await stack.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const entries = (dataset: string): Promise<Entry[]> => stack.client.all<Entry>(`/files?dataset=${dataset}`);
  const seats = async (): Promise<Record<string, unknown>> => {
    const rows = await stack.client.all<{ leg: number; delay: number; seats: number }>('/insights/legs/seats');
    return Object.fromEntries(rows.map((row) => [row.leg, [row.delay, row.seats]]));
  };
  const until = async <T>(ask: () => Promise<T>, is: (found: T) => boolean): Promise<T> => {
    for (let tries = 0; tries < 600; tries++) {
      const found = await ask();
      if (is(found)) return found;
      await sleep(50);
    }
    return ask();
  };
  const untilSeats = (expected: Record<string, unknown>): Promise<Record<string, unknown>> =>
    until(seats, (found) => JSON.stringify(found) === JSON.stringify(expected));
  /** The versions of N1: seats, from, until, whether it is the current one. */
  const versions = async (): Promise<unknown[]> => {
    const query = "SELECT * FROM dw.dim_aircraft WHERE tailnum = 'N1' ORDER BY valid_from";
    return (await queryWarehouse(stack.settings, query)).map((row) => [
      row.seats,
      (row.valid_from as Date).toISOString().slice(0, 10),
      (row.valid_to as Date).toISOString().slice(0, 10),
      row.is_current,
    ]);
  };
  const remove = async (path: string, dataset: string): Promise<Entry> => {
    await stack.blobs.getContainerClient('landing').deleteBlob(path);
    const is = (entry: Entry): boolean => entry.path === path && entry.deleted === true && entry.status !== 'arrived';
    const found = await until(
      async () => (await entries(dataset)).find((entry) => is(entry) && entry.status !== 'processing'),
      (entry) => entry !== undefined,
    );
    if (found === undefined) throw new Error(`the deletion of ${path} is not in the ledger`);
    return found;
  };

  test('a reference with history is joined as it was on the day', async () => {
    await stack.landText('aircraft/1.csv', `${AIRCRAFT}N1,2026-01-01,100\nN2,2026-01-01,50\n`, 'aircraft');
    const legs = '1,N1,2026-01-15,5,2026-01-16T00:00:00Z\n2,N1,2026-03-15,5,2026-03-16T00:00:00Z\n3,N2,2026-03-15,5,\n';
    expect(await stack.landText('legs/a.csv', `${LEGS}${legs}`, 'legs')).toMatchObject({ rows: { loaded: 3 } });
    expect(await seats()).toEqual({ 1: [5, 100], 2: [5, 100], 3: [5, 50] });
    await stack.landText('aircraft/2.csv', `${AIRCRAFT}N1,2026-03-01,120\nN2,2026-03-01,50\n`, 'aircraft');
    expect(await untilSeats({ 1: [5, 100], 2: [5, 120], 3: [5, 50] })).toMatchObject({ 1: [5, 100], 2: [5, 120] });
    expect(await versions()).toEqual([
      [100, '2026-01-01', '2026-03-01', false],
      [120, '2026-03-01', FOREVER, true],
    ]);
  });

  test('a version that comes late is put between those that are there', async () => {
    const file = await stack.landText('aircraft/0.csv', `${AIRCRAFT}N1,2026-02-01,110\nN2,2026-02-01,50\n`, 'aircraft');
    expect(file).toMatchObject({ status: 'published', rows: { read: 2, loaded: 1, duplicates: 1 } });
    expect(await versions()).toEqual([
      [100, '2026-01-01', '2026-02-01', false],
      [110, '2026-02-01', '2026-03-01', false],
      [120, '2026-03-01', FOREVER, true],
    ]);
    const statement = "SELECT seats, is_current FROM main.silver.aircraft WHERE tailnum = 'N1' ORDER BY seats";
    const response = await fetch(`${stack.api.url}/sql`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key },
      body: JSON.stringify({ statement }),
    });
    const rows = [
      [100, false],
      [110, false],
      [120, true],
    ];
    expect(await response.json()).toMatchObject({ rows });
  });

  test('a row that was reported earlier loses, whenever it lands', async () => {
    const late = await stack.landText('legs/late.csv', `${LEGS}1,N1,2026-01-15,9,2026-01-15T12:00:00Z\n`, 'legs');
    expect(late).toMatchObject({ rows: { loaded: 0, superseded: 1 } });
    const later = await stack.landText('legs/later.csv', `${LEGS}1,N1,2026-01-15,7,2026-01-17T00:00:00Z\n`, 'legs');
    expect(later).toMatchObject({ status: 'published', rows: { loaded: 1 } });
    expect(await seats()).toMatchObject({ 1: [7, 100] });
  });

  test('a corrected file takes back what it said, and what it had won over counts again', async () => {
    const corrected = await stack.landText('legs/later.csv', `${LEGS}4,N2,2026-01-15,1,2026-01-17T00:00:00Z\n`, 'legs');
    expect(corrected).toMatchObject({ status: 'published', rows: { read: 1, loaded: 1 } });
    expect(await seats()).toEqual({ 1: [5, 100], 2: [5, 120], 3: [5, 50], 4: [1, 50] });
    const facts = await queryWarehouse(stack.settings, 'SELECT leg, delay, _file FROM dw.fact_leg ORDER BY leg');
    expect(facts.map(({ leg, delay, _file }) => [leg, delay, _file])).toEqual([
      [1, 5, 'legs/a.csv'],
      [2, 5, 'legs/a.csv'],
      [3, 5, 'legs/a.csv'],
      [4, 1, 'legs/later.csv'],
    ]);
  });

  test('an event of an older version, delivered late, brings nothing back', async () => {
    const before = await seats();
    const first = (await entries('legs')).find(({ path, rows }) => path === 'legs/later.csv' && rows?.loaded === 1);
    const status = await stack.deliverEvent({
      id: 'late',
      topic: '/t',
      subject: '/blobServices/default/containers/landing/blobs/legs/later.csv',
      eventType: 'Microsoft.Storage.BlobCreated',
      eventTime: '2026-01-01T00:00:00Z',
      data: { api: 'PutBlob', eTag: '0xOLDER', contentLength: 9, sequencer: '0000', url: '' },
      dataVersion: '',
      metadataVersion: '1',
    });
    expect(status).toBeLessThan(300);
    const [entry] = await stack.follow(new Map([['legs/later.csv', '0xOLDER']]), ['legs']);
    expect(entry).toMatchObject({ status: 'superseded' });
    expect(first).toBeDefined();
    expect(await seats()).toEqual(before);
  });

  test('a deleted file is retracted: from lake, warehouse and insights, and of what combines it', async () => {
    const entry = await remove('aircraft/2.csv', 'aircraft');
    expect(entry).toMatchObject({ status: 'retracted', rows: { read: 0 } });
    const brought = (await entries('aircraft')).find(({ path, deleted }) => path === 'aircraft/2.csv' && !deleted);
    expect(brought).toMatchObject({ status: 'published', replacedBy: { id: entry.id } });
    expect(await versions()).toEqual([
      [100, '2026-01-01', '2026-02-01', false],
      [110, '2026-02-01', FOREVER, true],
    ]);
    const expected = { 1: [5, 100], 2: [5, 110], 3: [5, 50], 4: [1, 50] };
    expect(await untilSeats(expected)).toEqual(expected);
  });

  test('a deletion that no event told of is found by the sweep, and one of a file that is there again is none', async () => {
    const deletion = {
      id: 'gone',
      topic: '/t',
      subject: '/blobServices/default/containers/landing/blobs/legs/a.csv',
      eventType: 'Microsoft.Storage.BlobDeleted',
      eventTime: '2026-01-01T00:00:00Z',
      data: { api: 'DeleteBlob', sequencer: '0001', url: '' },
      dataVersion: '',
      metadataVersion: '1',
    };
    expect(await stack.deliverEvent(deletion)).toBeLessThan(300);
    const outdated = await until(
      async () => (await entries('legs')).find(({ path, deleted }) => path === 'legs/a.csv' && deleted === true),
      (entry) => entry !== undefined && entry.status !== 'arrived' && entry.status !== 'processing',
    );
    expect(outdated).toMatchObject({ status: 'superseded', reason: expect.stringContaining('in landing again') });
    // Behind the proxy's back: no event tells of it.
    const endpoint = `http://127.0.0.1:${stack.ports.azurite}/${stack.settings.STORAGE_ACCOUNT_NAME}`;
    const direct = blobService({ ...stack.settings, STORAGE_BLOB_ENDPOINT: endpoint });
    await direct.getContainerClient('landing').deleteBlob('legs/a.csv');
    await stack.runTimer('sweep-landing');
    const expected = { 1: [9, 100], 4: [1, 50] };
    expect(await untilSeats(expected)).toEqual(expected);
  });

  test('files of a set go through one batch, once its manifest says that all are there', async () => {
    const landing = stack.blobs.getContainerClient('landing');
    const put = async (path: string, text: string): Promise<void> => {
      await landing.getBlockBlobClient(path).upload(text, text.length);
    };
    await put('parcels/north/1.csv', 'parcel\n1\n');
    await put('parcels/north/files.txt', '1.csv\n2.csv\n');
    const waits = await until(
      async () => (await entries('parcels')).find(({ path }) => path === 'parcels/north/1.csv'),
      (entry) => entry?.reason?.includes('missing parcels/north/2.csv') === true,
    );
    expect(waits).toMatchObject({
      status: 'waiting',
      set: 'north',
      reason: expect.stringContaining('missing parcels/north/2.csv'),
    });
    const second = await stack.landText('parcels/north/2.csv', 'parcel\n2\n', 'parcels');
    const [first, manifest] = await Promise.all(
      ['1.csv', 'files.txt'].map(async (name) =>
        (await entries('parcels')).find(({ path }) => path === `parcels/north/${name}`),
      ),
    );
    expect([first, second]).toMatchObject([{ status: 'published' }, { status: 'published' }]);
    expect(first?.batch).toBe(second.batch);
    expect(first?.reason).toBeUndefined();
    expect(manifest).toMatchObject({ status: 'unchanged', manifest: true });
    expect(await stack.client.get(`/runs/${first?.batch}`)).toMatchObject({ files: 2, sets: [{ name: 'north' }] });
  });

  test('a set that is not complete in time goes on without what is missing, which goes by itself when it comes', async () => {
    const names = '4.csv\n5.csv\n';
    const landing = stack.blobs.getContainerClient('landing');
    await landing.getBlockBlobClient('parcels/south/files.txt').upload(names, names.length);
    const file = await stack.landText('parcels/south/4.csv', 'parcel\n4\n', 'parcels');
    expect(file).toMatchObject({ status: 'published', missing: 'parcels/south/5.csv' });
    expect(await stack.client.get(`/runs/${file.batch}`)).toMatchObject({
      files: 1,
      sets: [{ name: 'south', missing: 'parcels/south/5.csv' }],
    });
    const late = await stack.landText('parcels/south/5.csv', 'parcel\n5\n', 'parcels');
    expect(late).toMatchObject({ status: 'published', rows: { loaded: 1 } });
    expect(late.batch).not.toBe(file.batch);
  });
});
