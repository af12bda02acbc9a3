import { body, CURSOR, inPath, type Json, json, NULLABLE_NUMBER, NUMBER, problem, ref, TEXT } from './openapi-parts.ts';

const ID = inPath('id');

const REFUSED: Json = {
  400: problem('The request or the statement is wrong; the detail has the message of the engine'),
  403: problem('The SQL warehouse may not do this'),
  404: problem('There is no such thing'),
  413: problem('The body is larger than 1 MiB'),
  429: problem('The SQL warehouse is busy'),
  502: problem('The SQL warehouse failed'),
  503: problem('No SQL warehouse is configured'),
  504: problem('It took longer than the limit and was ended'),
};

/** The paths of ad hoc SQL and of explanations. */
export const SQL_PATHS: Json = {
  '/api/sql': {
    post: {
      operationId: 'runSql',
      summary: 'Run one reading statement over the lake, such as main.silver.flights',
      requestBody: body(ref('SqlRequest')),
      responses: {
        200: json('Done: columns and the first rows', ref('SqlResult')),
        202: json('Still running: ask again at `href`', ref('SqlRunning')),
        ...REFUSED,
      },
    },
  },
  '/api/sql/{id}': {
    get: {
      operationId: 'getSql',
      summary: 'How a statement stands; its rows, page by page',
      parameters: [ID, CURSOR],
      responses: {
        200: json('Done, or canceled', { anyOf: [ref('SqlResult'), ref('SqlCanceled')] }),
        202: json('Still running', ref('SqlRunning')),
        410: problem('The result is no longer kept'),
        ...REFUSED,
      },
    },
    delete: {
      operationId: 'cancelSql',
      summary: 'End a statement',
      parameters: [ID],
      responses: { 204: { description: 'It has ended, or will at once' }, ...REFUSED },
    },
  },
  '/api/explain': {
    post: {
      operationId: 'explain',
      summary: 'Why a measure of an insight differs between two periods, down to files and rows',
      requestBody: body(ref('ExplainRequest')),
      responses: {
        200: json('Contributions that add up to the change, and what stands behind them', ref('Explanation')),
        409: problem('Nothing has been published yet'),
        422: problem('The measure has no value in a period, or there are too many values'),
        ...REFUSED,
      },
    },
  },
};

const SQL_PARAMETERS: Json = {
  type: 'object',
  description: 'Values by name, used as `:name`; {value, type} gives a SQL type such as DATE',
  additionalProperties: {
    anyOf: [
      { type: ['string', 'number', 'boolean', 'null'] },
      { type: 'object', required: ['type'], properties: { value: {}, type: TEXT } },
    ],
  },
};

const CONDITIONS: Json = {
  type: 'object',
  description: 'Conditions by column: a value, a list of values, or {from, before}',
  additionalProperties: true,
};

const PART: Json = {
  type: 'object',
  required: ['contribution', 'shareOfChange'],
  properties: { contribution: NUMBER, mix: NUMBER, rate: NUMBER, shareOfChange: NULLABLE_NUMBER },
};

/** The schemas that these paths name. */
export const SQL_SCHEMAS: Json = {
  SqlRequest: {
    type: 'object',
    required: ['statement'],
    properties: {
      statement: { type: 'string', minLength: 1 },
      parameters: SQL_PARAMETERS,
      limit: { type: 'integer', minimum: 1, description: 'How many rows at most' },
    },
  },
  SqlResult: {
    type: 'object',
    required: ['id', 'state', 'columns', 'rows', 'rowCount', 'truncated', 'next'],
    properties: {
      id: TEXT,
      state: { const: 'succeeded' },
      columns: {
        type: 'array',
        items: { type: 'object', required: ['name', 'type'], properties: { name: TEXT, type: TEXT } },
      },
      rows: { type: 'array', items: { type: 'array' } },
      rowCount: { type: 'integer' },
      truncated: { type: 'boolean', description: 'There was more than the limit of rows or bytes' },
      next: { type: ['string', 'null'] },
    },
  },
  SqlRunning: {
    type: 'object',
    required: ['id', 'state', 'href'],
    properties: { id: TEXT, state: { const: 'running' }, href: TEXT },
  },
  SqlCanceled: { type: 'object', required: ['id', 'state'], properties: { id: TEXT, state: { const: 'canceled' } } },
  ExplainRequest: {
    type: 'object',
    required: ['dataset', 'insight', 'measure', 'from', 'to'],
    properties: {
      dataset: TEXT,
      insight: TEXT,
      measure: { type: 'string', description: 'A column of the insight that is a sum, a count or a ratio of them' },
      from: CONDITIONS,
      to: CONDITIONS,
      filters: CONDITIONS,
      dimensions: { type: 'array', items: TEXT, minItems: 1, maxItems: 8 },
      top: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
    },
  },
  Explanation: {
    type: 'object',
    required: [
      'dataset',
      'insight',
      'measure',
      'version',
      'method',
      'from',
      'to',
      'change',
      'dimensions',
      'differences',
    ],
    properties: {
      dataset: TEXT,
      insight: TEXT,
      measure: TEXT,
      version: { type: 'integer' },
      method: TEXT,
      from: { type: 'object' },
      to: { type: 'object' },
      change: NUMBER,
      dimensions: {
        type: 'array',
        items: {
          type: 'object',
          required: ['dimension', 'values', 'others', 'rows'],
          properties: {
            dimension: TEXT,
            values: { type: 'array', items: PART },
            others: { anyOf: [PART, { type: 'null' }] },
            rows: { type: 'object', description: 'Bodies for POST /api/sql that give the rows of a value' },
          },
        },
      },
      differences: { type: 'object' },
      behind: { type: 'object' },
      refusedFiles: { type: 'array', items: { type: 'object' } },
      source: { type: 'object' },
    },
  },
};
