import { describe, expect, test } from '@jest/globals';
import type { DatasetEntry } from '../../web/src/api/types.ts';
import { datasetOfHeader, datasetOfName, headerOf, suggestPath } from '../../web/src/views/upload/suggest-path.ts';

const dataset = (name: string, columns: readonly string[]): DatasetEntry => ({
  ...{
    dataset: name,
    description: '',
    path: `${name}/*.csv`,
    correctionsPath: null,
    format: 'csv',
    table: name,
    insights: [],
  },
  columns: columns.map((column) => ({ name: column, type: 'string', nullable: true, description: '' })),
});

describe('where an uploaded file belongs', () => {
  test.each([
    ['flights/*.csv', '2013-01.csv', 'flights/2013-01.csv'],
    ['flights/*.csv', 'My flights (1).csv', 'flights/My-flights-1-.csv'],
    ['flights/*.csv', 'jan.txt', 'flights/jan.csv'],
    ['flights/*.csv', '../../etc/passwd', 'flights/etc-passwd.csv'],
    ['reference/airports*.csv', 'airports.csv', 'reference/airports.csv'],
    ['reference/airports*.csv', 'airports-2014.csv', 'reference/airports-2014.csv'],
    ['reference/airports*.csv', 'places.csv', 'reference/airports-places.csv'],
    ['logs/**/*.csv', 'a.csv', 'logs/a.csv'],
    ['logs/**.log*', 'web.log.gz', 'logs/web.log.gz'],
    ['logs/**.log*', 'web.txt', 'logs/web.log'],
  ])('for %s, %s goes to %s', (pattern, name, path) => {
    expect(suggestPath(pattern, name)).toBe(path);
  });

  test('is told by its first line: the dataset all of whose columns are there, the richest of several', () => {
    const datasets = [dataset('small', ['a', 'b']), dataset('large', ['a', 'b', 'c']), dataset('other', ['z'])];
    expect(datasetOfHeader(headerOf('\uFEFF"a",b,c,extra\r\n1,2,3,4'), datasets)?.dataset).toBe('large');
    expect(datasetOfHeader(headerOf('a,b'), datasets)?.dataset).toBe('small');
    expect(datasetOfHeader(headerOf('a,c'), datasets)).toBeUndefined();
  });

  test('is told by its name where one dataset expects files named so more than others do', () => {
    const media = { ...dataset('media', ['path']), path: 'media/**', format: 'media' };
    const logs = { ...dataset('logs', ['status']), path: 'logs/**.log*', format: 'access-log' };
    const datasets = [dataset('small', ['a']), dataset('large', ['a']), logs, media];
    expect(datasetOfName('web.log.gz', datasets)?.dataset).toBe('logs');
    expect(datasetOfName('photo.jpg', datasets)?.dataset).toBe('media');
    expect(datasetOfName('a.csv', datasets)).toBeUndefined();
    const orders = {
      ...dataset('orders', ['a']),
      path: 'orders/*.parquet',
      correctionsPath: 'orders/*.quarantined.jsonl',
    };
    expect(datasetOfName('may.quarantined.jsonl', [...datasets, orders])?.dataset).toBe('orders');
    expect(datasetOfName('may.parquet', [orders, media])?.dataset).toBe('orders');
    expect(datasetOfHeader(['status'], datasets)).toBeUndefined();
  });
});
