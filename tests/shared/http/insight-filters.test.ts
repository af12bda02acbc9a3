import { join } from 'node:path';
import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { parseFilters } from '../../../src/shared/http/insight-filters.ts';

const datasets = loadDatasets(join(import.meta.dirname, '..', '..', '..', 'datasets'));
const contract = datasets.get('flights')?.contract;
const insight = contract?.insights?.find(({ name }) => name === 'carrier-punctuality');

function filters(query: string): Record<string, unknown> {
  if (contract === undefined || insight === undefined) throw new Error('flights has no such insight');
  const request = new HttpRequest({ method: 'GET', url: `http://localhost/api/x?${query}` });
  return parseFilters(request, datasets, contract, insight);
}

describe("an insight's filters", () => {
  test('have the types of their columns, and are left out when they are not given', () => {
    expect(filters('carrier=9E&year=2013')).toEqual({ carrier: '9E', year: 2013 });
    expect(filters('')).toEqual({});
  });

  test.each(['year=', 'year=soon', 'year=2013.5', 'year=1e300', 'month=Infinity'])(
    'are refused when they read %p',
    (query) => {
      expect(() => filters(query)).toThrow(/must be a (whole )?number/);
    },
  );
});
