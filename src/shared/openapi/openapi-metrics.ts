import { COLUMN_TYPES, OPERATORS } from '../semantic-model/definition.ts';
import {
  LARGEST_LIMIT,
  MOST_COLUMNS,
  MOST_FILTERS,
  MOST_MEASURES,
  MOST_VALUES,
} from '../semantic-model/parse-metric-request.ts';
import { MODEL_SERVICES } from '../semantic-model/semantic-model.ts';
import { body, COUNT, closed, type Json, json, NULLABLE_TEXT, problem, query, ref, TEXT } from './openapi-parts.ts';

const REFUSED: Json = {
  400: problem('The question is wrong, or the model has no such measure or column'),
  409: problem('The model was never refreshed yet'),
  429: problem('The service is asked more than it allows'),
  502: problem("The model's service failed"),
  503: problem('No Power BI dataset is configured'),
};

/** The paths of the semantic model. */
export const METRIC_PATHS: Json = {
  '/api/metrics': {
    get: {
      operationId: 'listMetrics',
      summary: 'The measures and columns of the semantic model; with `measures`, their values',
      parameters: [
        query('measures', TEXT, 'Measures, with commas between'),
        query('by', TEXT, 'Columns to group by, Table[Column], with commas between'),
        query('filter', { type: 'array', items: TEXT }, 'Table[Column]:value,value; may be repeated'),
        query('limit', { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: 1000 }, 'How many rows at most'),
      ],
      responses: {
        200: json('What can be asked for, and which versions the model shows; or rows of one version', {
          anyOf: [ref('MetricCatalogue'), ref('MetricAnswer')],
        }),
        ...REFUSED,
      },
    },
  },
  '/api/metrics/query': {
    post: {
      operationId: 'queryMetrics',
      summary: 'Measures by columns, as the semantic model answers them',
      requestBody: body(ref('MetricQuery')),
      responses: {
        200: json('Rows of one version of the model', ref('MetricAnswer')),
        413: problem('The body is too large'),
        ...REFUSED,
      },
    },
  },
};

const COLUMN: Json = { ...TEXT, description: 'Table[Column], such as Carrier[Carrier]' };
const SCALAR = ['string', 'number', 'boolean'];
const VERSIONS: Json = {
  type: 'object',
  description: 'Which version of each dataset the model shows',
  additionalProperties: COUNT,
};

/** The schemas that these paths name. */
export const METRIC_SCHEMAS: Json = {
  MetricCatalogue: closed({
    model: TEXT,
    description: TEXT,
    services: { type: 'array', items: { enum: MODEL_SERVICES } },
    versions: { anyOf: [VERSIONS, { type: 'null' }] },
    measures: {
      type: 'array',
      items: closed({ measure: TEXT, description: TEXT, format: TEXT, folder: NULLABLE_TEXT }),
    },
    columns: {
      type: 'array',
      items: closed({ column: COLUMN, description: TEXT, type: { enum: COLUMN_TYPES } }),
    },
  }),
  MetricQuery: closed(
    {
      measures: { type: 'array', items: TEXT, minItems: 1, maxItems: MOST_MEASURES },
      by: { type: 'array', items: COLUMN, maxItems: MOST_COLUMNS },
      filters: { type: 'array', items: ref('MetricFilter'), maxItems: MOST_FILTERS },
      limit: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: 1000 },
    },
    ['by', 'filters', 'limit'],
  ),
  MetricFilter: {
    description: 'Members of a column, null being blank; or a bound. Days are written yyyy-mm-dd.',
    oneOf: [
      closed({
        column: COLUMN,
        values: { type: 'array', items: { type: [...SCALAR, 'null'] }, minItems: 1, maxItems: MOST_VALUES },
      }),
      closed({ column: COLUMN, operator: { enum: OPERATORS }, value: { type: SCALAR } }),
    ],
  },
  MetricAnswer: closed({
    model: TEXT,
    versions: VERSIONS,
    columns: {
      type: 'array',
      items: closed(
        {
          name: TEXT,
          kind: { enum: ['column', 'measure'] },
          type: { enum: [...COLUMN_TYPES, 'number'] },
          format: { ...TEXT, description: 'As Excel writes formats' },
        },
        ['format'],
      ),
    },
    rows: { type: 'array', items: { type: 'array', items: { type: [...SCALAR, 'null'] } } },
    rowCount: COUNT,
    truncated: { type: 'boolean', description: 'There were more rows than the limit' },
  }),
};
