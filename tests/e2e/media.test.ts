import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landMedia } from '../../scripts/demo/land-samples.ts';
import { queryWarehouse } from './support/digest.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

interface Holding {
  readonly landed_on: string;
  readonly type: string;
  readonly kind: string;
  readonly files: number;
  readonly bytes: number;
  readonly pages: number | null;
  readonly seconds: number | null;
}

describe('media', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.dispose());

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
