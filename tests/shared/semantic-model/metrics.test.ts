import { describe, expect, test } from '@jest/globals';
import { metricBodyOf } from '../../../src/shared/semantic-model/metric-body-of.ts';
import { createMetricReader } from '../../../src/shared/semantic-model/metric-reader.ts';
import { ModelServiceError } from '../../../src/shared/semantic-model/model-rest.ts';
import { loadDefinition } from '../../../src/shared/semantic-model/parse-definition.ts';
import { parseMetricRequest } from '../../../src/shared/semantic-model/parse-metric-request.ts';
import { presentCatalogue } from '../../../src/shared/semantic-model/present-catalogue.ts';
import type { ModelRow, QueryableModel } from '../../../src/shared/semantic-model/semantic-model.ts';
import { createSemanticModels } from '../../../src/shared/semantic-model/semantic-models.ts';

const definition = loadDefinition();

describe('a question for metrics', () => {
  test('names measures, columns and filters of the model', () => {
    const body = {
      measures: ['Flights'],
      by: ['Date[Date]'],
      filters: [
        { column: 'Carrier[Carrier]', values: ['Virgin America', null] },
        { column: 'Date[Date]', operator: 'from', value: '2013-02-01' },
      ],
      limit: 5,
    };
    expect(parseMetricRequest(body, definition)).toEqual({
      query: {
        measures: ['Flights'],
        by: [{ table: 'Date', column: 'Date' }],
        filters: [
          { column: { table: 'Carrier', column: 'Carrier' }, values: ['Virgin America', null] },
          { column: { table: 'Date', column: 'Date' }, operator: 'from', value: '2013-02-01' },
        ],
      },
      limit: 5,
    });
  });

  test.each<[unknown, string]>([
    [null, 'must be a JSON object'],
    [{}, 'at least one measure'],
    [{ measures: 'Flights' }, 'measures must be a list'],
    [{ measures: ['Fligths'] }, 'Fligths: there is no such measure; known are Flights'],
    [{ measures: ['Flights', 'Flights'] }, "'Flights' stands twice"],
    [{ measures: ['Flights'], by: ['Carrier'] }, 'a column is written Table[Column]'],
    [{ measures: ['Flights'], by: ['Carrier[Name]'] }, 'there is no such column'],
    [{ measures: ['Flights'], by: ['Flights[Distance]'] }, 'Flights[Distance] is hidden'],
    [{ measures: ['Flights'], by: ['Publication[Version]'] }, 'hidden'],
    [{ measures: ['Flights'], filters: [{ column: 'Plane[Seats]' }] }, 'either values, or operator and value'],
    [{ measures: ['Flights'], filters: [{ column: 'Plane[Seats]', values: ['many'] }] }, 'not of type int64'],
    [{ measures: ['Flights'], filters: [{ column: 'Plane[Seats]', values: [1e300] }] }, 'not of type int64'],
    [{ measures: ['Flights'], filters: [{ column: 'Plane[Seats]', operator: 'over', value: 1 }] }, 'one of is, above'],
    [{ measures: ['Flights'], filters: [{ column: 'Date[Date]', values: ['0001-01-01'] }] }, 'not a day'],
    [{ measures: ['Flights'], limit: 0 }, 'limit must be'],
    [{ measures: ['Flights'], top: 3 }, 'Unknown field top'],
    [{ measures: Array(21).fill('Flights') }, '20 entries at most'],
  ])('%j is refused with the reason', (body, reason) => {
    expect(() => parseMetricRequest(body, definition)).toThrow(reason);
    expect(() => parseMetricRequest(body, definition)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('a question in a query string', () => {
  const bodyOf = (query: string): object => metricBodyOf(new URLSearchParams(query), definition);

  test('is the same as in a body, with numbers where the column has numbers', () => {
    const query =
      'measures=Flights, Late Share&by=Date[Quarter]&filter=Date[Year]:2013&filter=Carrier[Carrier]:JetBlue Airways,Virgin America&limit=5';
    expect(parseMetricRequest(bodyOf(query), definition)).toEqual(
      parseMetricRequest(
        {
          measures: ['Flights', 'Late Share'],
          by: ['Date[Quarter]'],
          filters: [
            { column: 'Date[Year]', values: [2013] },
            { column: 'Carrier[Carrier]', values: ['JetBlue Airways', 'Virgin America'] },
          ],
          limit: 5,
        },
        definition,
      ),
    );
  });

  test.each([
    ['measures=Flights&filter=Date[Year]', 'filter is written'],
    ['measures=Flights&filter=Date[Year]:soon', 'holds numbers'],
    ['measures=Flights&filter=Date[Era]:1', 'there is no such column'],
    ['measures=Flights&limit=many', 'limit must be'],
    ['measures=', 'there is no such measure'],
  ])('%s is refused with the reason', (query, reason) => {
    expect(() => parseMetricRequest(bodyOf(query), definition)).toThrow(reason);
  });
});

const ROWS: readonly ModelRow[] = [
  { 'Date[Date]': '2013-01-01T00:00:00', '[Flights]': 842 },
  { 'Date[Date]': '2013-01-02T00:00:00' },
];
const question = parseMetricRequest({ measures: ['Flights'], by: ['Date[Date]'] }, definition);

/** A model whose version changes as it is told: one number for each look at it. */
function modelAt(versions: readonly number[], rows = ROWS, failure?: Error) {
  const looks = [...versions];
  const asked: string[] = [];
  const model = {
    recentRefreshes: async () => [],
    async query(dax: string) {
      asked.push(dax.includes('Publication') ? 'versions' : 'rows');
      if (failure !== undefined) throw failure;
      if (!dax.includes('Publication')) return { rows, isTruncated: false };
      const version = looks.length > 1 ? looks.shift() : looks[0];
      return {
        rows: [{ 'Publication[Dataset]': 'flights', 'Publication[Version]': version ?? 0 }],
        isTruncated: false,
      };
    },
  } as unknown as QueryableModel;
  return { reader: createMetricReader(definition, model), asked };
}

describe('an answer with metrics', () => {
  test('has typed columns, days without a time, blanks as null, and the version', async () => {
    expect(await modelAt([3]).reader.ask(question)).toEqual({
      model: 'Landfall',
      versions: { flights: 3 },
      columns: [
        { name: 'Date[Date]', kind: 'column', type: 'dateTime', format: 'yyyy-mm-dd' },
        { name: 'Flights', kind: 'measure', type: 'number', format: '#,0' },
      ],
      rows: [
        ['2013-01-01', 842],
        ['2013-01-02', null],
      ],
      rowCount: 2,
      truncated: false,
    });
  });

  test('is asked again when a refresh swapped the data meanwhile, so that rows and version belong together', async () => {
    const { reader, asked } = modelAt([3, 4, 4]);
    expect((await reader.ask(question)).versions).toEqual({ flights: 4 });
    expect(asked).toEqual(['versions', 'rows', 'versions', 'rows', 'versions']);
    await reader.ask(question);
    expect(asked.slice(5)).toEqual(['rows', 'versions']); // what it saw last is remembered
  });

  test('is cut at the limit, and says so', async () => {
    expect(await modelAt([3]).reader.ask({ ...question, limit: 1 })).toMatchObject({ rowCount: 1, truncated: true });
  });

  test.each<[string, number, string, Error]>([
    ['a 429 of the service', 429, 'more than its service allows', new ModelServiceError('ModelServiceError', 429, '')],
    ['another refusal', 502, 'could not answer', new ModelServiceError('ModelServiceError', 503, 'refused')],
    ['a model without data', 409, 'holds nothing yet', new ModelServiceError('ModelQueryFailed', 400, 'no data')],
    ['no answer at all', 502, 'does not answer', new TypeError('fetch failed')],
  ])('%s becomes a problem %i', async (_what, status, detail, failure) => {
    const answer = modelAt([3], ROWS, failure).reader.ask(question);
    await expect(answer).rejects.toMatchObject({ status, message: expect.stringContaining(detail) });
  });
});

describe('a semantic model that is configured nowhere', () => {
  const models = createSemanticModels({ refreshTimeoutSeconds: 60 }, async () => 'token');

  test('has its catalogue, and no answers', () => {
    expect(models.configured).toEqual([]);
    expect(presentCatalogue(models.definition(), models.configured, null)).toMatchObject({
      model: 'Landfall',
      services: [],
    });
    expect(() => models.metrics()).toThrow(expect.objectContaining({ status: 503 }));
  });

  test('the catalogue hides what the model hides', () => {
    const text = JSON.stringify(presentCatalogue(definition, [], null));
    expect(text).toContain('Carrier[Carrier]');
    expect(text).not.toMatch(/Publication|Month No|Flights\[Distance\]/);
  });
});

test('each service is asked with a token for its own scope', async () => {
  const scopes: string[] = [];
  const address = { endpoint: 'http://127.0.0.1:9' };
  const models = createSemanticModels(
    {
      powerBi: { ...address, workspaceId: 'w', datasetId: 'd' },
      analysisServices: { ...address, server: 's', model: 'm' },
      refreshTimeoutSeconds: 60,
    },
    async (scope) => {
      scopes.push(scope);
      return 'token';
    },
  );
  for (const service of models.configured) await expect(models.in(service)?.recentRefreshes()).rejects.toThrow();
  expect(scopes).toEqual([
    'https://analysis.windows.net/powerbi/api/.default',
    'https://*.asazure.windows.net/.default',
  ]);
});
