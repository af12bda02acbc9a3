import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { parseUpload } from '../../../src/shared/uploads/parse-upload.ts';

const DATASETS = loadDatasets(join(import.meta.dirname, '..', '..', '..', 'datasets'));

describe('a request to upload', () => {
  test('names a path that a dataset expects', () => {
    expect(parseUpload({ path: 'flights/2013-01.csv', size: 10 }, DATASETS)).toEqual({
      path: 'flights/2013-01.csv',
      size: 10,
      dataset: 'flights',
    });
  });

  test.each([
    ['flights/../reference/airports.csv'],
    ['/flights/a.csv'],
    ['flights/.hidden.csv'],
    ['flights//a.csv'],
    ['flights/a b.csv'],
    ['flights/ä.csv'],
    ['flights/a.csv?sig=x'],
    ['flights\\a.csv'],
    [`flights/${'a'.repeat(600)}.csv`],
    [''],
    [7],
  ])('with the path %j is refused', (path) => {
    expect(() => parseUpload({ path, size: 10 }, DATASETS)).toThrow(/path must be a text such as/);
  });

  test('to where nothing is expected is refused with what is', () => {
    expect(() => parseUpload({ path: 'elsewhere/a.csv', size: 10 }, DATASETS)).toThrow(/flights\/\*\.csv \(flights\)/);
  });

  test.each([[0], [-1], [1.5], ['10'], [undefined]])('of %j bytes is refused', (size) => {
    expect(() => parseUpload({ path: 'flights/a.csv', size }, DATASETS)).toThrow(/size must be/);
  });

  test('of more than one write takes is refused as too large', () => {
    expect(() => parseUpload({ path: 'flights/a.csv', size: 6e9 }, DATASETS)).toThrow(
      expect.objectContaining({ status: 413 }),
    );
  });

  test.each([[null], [[]], ['text'], [{ path: 'flights/a.csv', size: 1, container: 'lake' }]])(
    '%j is refused',
    (body) => {
      expect(() => parseUpload(body, DATASETS)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});
