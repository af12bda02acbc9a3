import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landMedia } from '../../scripts/demo/land-samples.ts';
import { queryWarehouse } from './support/digest.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

interface Traffic {
  readonly hour: string;
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  readonly bytes: number;
  readonly client_errors: number;
}

interface Holding {
  readonly landed_on: string;
  readonly type: string;
  readonly kind: string;
  readonly files: number;
  readonly bytes: number;
  readonly pages: number | null;
  readonly seconds: number | null;
}

const CALLS = ['health', 'insights', 'runs/flights-00000001', 'runs/flights-00000002', 'nothing/123', 'nothing/456'];

/** Calls the app for real, and gives an entry in the Combined Log Format for each answer, as a proxy before it would. */
async function callAndLog({ url, key }: TestStack['api'], at: Date): Promise<string[]> {
  const time = `${at.toUTCString().slice(5, 16).replaceAll(' ', '/')}:${at.toISOString().slice(11, 19)} +0000`;
  return Promise.all(
    CALLS.map(async (route) => {
      const answer = await fetch(`${url}/${route}`, { headers: { 'x-functions-key': key } });
      const bytes = (await answer.arrayBuffer()).byteLength;
      return `127.0.0.1 - - [${time}] "GET /api/${route}?code=secret HTTP/1.1" ${answer.status} ${bytes} "-" "test/1"`;
    }),
  );
}

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.dispose());

describe('access logs', () => {
  let first: string[];
  beforeAll(async () => {
    first = await callAndLog(stack.api, new Date('2026-01-05T10:15:00Z'));
  });

  test('that land, packed or not, become traffic by hour and route; what is no entry goes to quarantine', async () => {
    const second = await callAndLog(stack.api, new Date('2026-01-05T11:45:00Z'));
    const [plain, packed] = [join(stack.stateFolder, 'a.log'), join(stack.stateFolder, 'b.log.gz')];
    writeFileSync(plain, `${[...first, ...first, ...first, 'Server restarted'].join('\n')}\n`);
    writeFileSync(packed, gzipSync(`${[...second, ...second].join('\n')}\n`));
    const files = await stack.land({ 'access-logs/web/a.log': plain, 'access-logs/web/b.log.gz': packed }, [
      'access-logs',
    ]);
    expect(
      files.map(({ path, status, reason, rows, reasons }) => [path, reason ?? status, rows, reasons?.[0]?.rule]),
    ).toEqual(
      expect.arrayContaining([
        ['access-logs/web/a.log', 'published', books(19, 18, 1), 'pattern'],
        ['access-logs/web/b.log.gz', 'published', books(12, 12, 0), undefined],
      ]),
    );
    const traffic = await stack.client.all<Traffic>('/insights/access-logs/traffic');
    const counted = traffic.map(({ hour, route, requests, client_errors }) => [hour, route, requests, client_errors]);
    expect(counted.toSorted()).toEqual(
      [
        ['2026-01-05T10:00:00Z', '/api/health', 3, 0],
        ['2026-01-05T10:00:00Z', '/api/insights', 3, 0],
        ['2026-01-05T10:00:00Z', '/api/nothing/*', 6, 6],
        ['2026-01-05T10:00:00Z', '/api/runs/*', 6, 6],
        ['2026-01-05T11:00:00Z', '/api/health', 2, 0],
        ['2026-01-05T11:00:00Z', '/api/insights', 2, 0],
        ['2026-01-05T11:00:00Z', '/api/nothing/*', 4, 4],
        ['2026-01-05T11:00:00Z', '/api/runs/*', 4, 4],
      ].toSorted(),
    );
    const errors = await stack.client.all('/insights/access-logs/errors?route=%2Fapi%2Fnothing%2F*');
    expect(errors).toEqual([expect.objectContaining({ requests: 10, client_error_share: 1, server_error_share: 0 })]);
    const loaded = await queryWarehouse(stack.settings, 'SELECT COUNT(*) AS requests FROM dw.fact_request');
    expect(loaded).toEqual([{ requests: 30 }]);
  });

  test('that land again replace what they brought, and equal entries all count', async () => {
    const again = join(stack.stateFolder, 'again.log');
    writeFileSync(again, `${[first[0], first[0]].join('\n')}\n`);
    const [file] = await stack.land({ 'access-logs/web/a.log': again }, ['access-logs']);
    expect(file).toMatchObject({ status: 'published', rows: books(2, 2, 0) });
    const health = await stack.client.all<Traffic>('/insights/access-logs/traffic?route=%2Fapi%2Fhealth');
    expect(health.map(({ hour, requests }) => [hour, requests])).toEqual([
      ['2026-01-05T10:00:00Z', 2],
      ['2026-01-05T11:00:00Z', 2],
    ]);
    const loaded = await queryWarehouse(stack.settings, 'SELECT COUNT(*) AS requests FROM dw.fact_request');
    expect(loaded).toEqual([{ requests: 14 }]);
  });
});

describe('media', () => {
  test('that land become holdings, duplicates and cameras; what was cut off goes to quarantine', async () => {
    const files = await stack.follow(await landMedia(stack.blobs), ['media']);
    expect(files).toHaveLength(52);
    const damaged = files.filter(({ rows }) => rows?.loaded !== 1).toSorted((a, b) => a.path.localeCompare(b.path));
    const quarantined = {
      status: 'published',
      rows: { read: 1, loaded: 0, quarantined: 1, duplicates: 0, superseded: 0 },
    };
    expect(damaged).toMatchObject([
      {
        path: 'media/photographs/airports/cut-off.jpg',
        ...quarantined,
        reasons: [{ rule: 'damaged', rows: 1, example: expect.stringContaining('image file is truncated') }],
      },
      {
        path: 'media/photographs/scikit-image/multipage_rgb.tif', // of a kind of TIFF that Pillow cannot read
        ...quarantined,
        reasons: [{ rule: 'damaged', rows: 1, example: expect.stringContaining('cannot be decoded') }],
      },
    ]);
    const holdings = await stack.client.all<Holding>('/insights/media/holdings');
    expect(
      holdings.map(({ type, kind, files, pages, seconds }) => [type, kind, files, pages, seconds]).toSorted(),
    ).toEqual([
      ['application/gzip', 'other', 1, null, null],
      ['application/pdf', 'document', 3, 6, null],
      ['audio/wav', 'audio', 3, null, 9],
      ['image/gif', 'image', 1, null, null],
      ['image/jpeg', 'image', 18, null, null],
      ['image/png', 'image', 23, null, null],
      ['image/tiff', 'image', 1, null, null],
    ]);
    const [twice, ...none] = await stack.client.all('/insights/media/duplicates');
    expect(none).toEqual([]);
    expect(twice).toMatchObject({
      files: 2,
      paths: 'media/photographs/airports/copy-of-ewr-0000.jpg, media/photographs/airports/ewr-0000.jpg',
    });
    const cameras = await stack.client.all('/insights/media/cameras?camera_make=Hudson');
    expect(cameras).toEqual([
      expect.objectContaining({ camera_model: 'Spotter 70', photographs: 7, first_taken_at: '2013-01-05T12:30:00Z' }),
    ]);
    const loaded = await queryWarehouse(stack.settings, 'SELECT SUM(pages) AS pages FROM dw.fact_media');
    expect(loaded).toEqual([{ pages: 6 }]);
  });

  test('have a thumbnail in the lake, where their row says', async () => {
    const largest = await stack.client.all<{ thumbnail: string | null; kind: string; type: string }>(
      '/insights/media/largest?kind=image',
    );
    const [{ thumbnail } = { thumbnail: null }] = largest;
    const blob = stack.blobs.getContainerClient('lake').getBlobClient(thumbnail ?? '');
    const content = await blob.downloadToBuffer();
    expect(content.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(content.length).toBeLessThan(64 * 1024);
  });

  test('that land again replace their row, and names with quotes and formula starters are names', async () => {
    const note = await stack.landText('media/documents/report-ewr.pdf', 'No document any more.', 'media');
    expect(note).toMatchObject({ rows: { loaded: 0, quarantined: 1 }, reasons: [{ rule: 'type-as-named' }] });
    const odd = await stack.landText("media/=1+1 'x'; DROP TABLE y --%41.txt", 'Text', 'media');
    expect(odd).toMatchObject({ status: 'published', rows: { loaded: 1 } });
    const holdings = await stack.client.all<Holding>('/insights/media/holdings');
    const byType = Object.fromEntries(holdings.map(({ type, files }) => [type, files]));
    expect(byType).toMatchObject({ 'application/pdf': 2, 'text/plain': 1 });
  });
});

function books(read: number, loaded: number, quarantined: number): object {
  return { read, loaded, quarantined, duplicates: 0, superseded: 0 };
}
