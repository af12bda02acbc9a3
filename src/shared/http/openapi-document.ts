import type { ColumnType, Contract, Insight } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { RUN_STATUSES } from '../runs/run-record.ts';
import { filterType } from './insight-filters.ts';
import { SECURITY_SCHEMES } from './openapi-access.ts';
import { METRIC_PATHS, METRIC_SCHEMAS } from './openapi-metrics.ts';
import { MODEL_PATHS, MODEL_SCHEMAS, MODEL_VERSIONS } from './openapi-models.ts';
import {
  COUNT,
  CURSOR,
  closed,
  inPath,
  type Json,
  json,
  LIMIT,
  NULLABLE_TEXT,
  page,
  problem,
  query,
  ref,
  TEXT,
} from './openapi-parts.ts';
import { PIPELINE_PATHS, PIPELINE_SCHEMAS } from './openapi-pipelines.ts';
import { SIGN_IN_PATHS, SIGN_IN_SCHEMAS } from './openapi-sign-in.ts';
import { SQL_PATHS, SQL_SCHEMAS } from './openapi-sql.ts';
import { WEB_PATHS, WEB_SCHEMAS } from './openapi-web.ts';

/** The OpenAPI 3.1 description of the HTTP functions. */
export function openApiDocument(datasets: Datasets): Json {
  const insightPaths = datasets.all.flatMap(({ contract }) =>
    (contract.insights ?? []).map(
      (insight) =>
        [`/api/insights/${contract.dataset}/${insight.name}`, insightPath(datasets, contract, insight)] as const,
    ),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Landfall',
      version: '0.1.0',
      description: 'Insights of landed files, and the books of how they came to be.',
    },
    paths: {
      '/api/insights': {
        get: operation(
          'listInsights',
          'What can be asked for',
          json('The insights', items('insights', ref('InsightEntry'))),
        ),
      },
      ...Object.fromEntries(insightPaths),
      '/api/runs': {
        get: operation('listRuns', 'Batches and trainings, newest first', json('Runs', page(ref('Run'))), [
          query('dataset', { type: 'string' }, 'Only this dataset'),
          query('status', { enum: RUN_STATUSES }, 'Only this status'),
          LIMIT,
          CURSOR,
        ]),
      },
      '/api/runs/{id}': {
        get: operation(
          'getRun',
          'One batch with its steps and files, or one training of a model',
          json('The run', ref('Run')),
          [inPath('id')],
        ),
      },
      '/api/runs/{id}/cancel': {
        post: taken(
          'cancelRun',
          'End a batch before it is published, or a training before its verdict, the Databricks run included',
          'It has ended already',
        ),
      },
      '/api/runs/{id}/resume': {
        post: taken(
          'resumeRun',
          'Take up a batch that failed or was cancelled, without repeating jobs that succeeded',
          'It neither failed nor was cancelled, or is a training',
        ),
      },
      '/api/files': {
        get: operation('listFiles', 'The ledger, newest first', json('Files', page(ref('File'))), [
          query('dataset', { type: 'string' }, 'Only this dataset'),
          query(
            'status',
            { enum: ['arrived', 'processing', 'published', 'rejected', 'unchanged', 'superseded', 'failed'] },
            'Only this status',
          ),
          query('batch', { type: 'string' }, 'Only files of this batch'),
          LIMIT,
          CURSOR,
        ]),
      },
      ...METRIC_PATHS,
      ...WEB_PATHS,
      ...SQL_PATHS,
      ...SIGN_IN_PATHS,
      ...PIPELINE_PATHS,
      ...MODEL_PATHS,
      '/api/health': {
        get: {
          operationId: 'health',
          summary: 'Whether what serving needs is there',
          responses: { 200: json('All is well', ref('Health')), 503: json('Something does not answer', ref('Health')) },
        },
      },
      '/api/openapi.json': {
        get: {
          operationId: 'openapi',
          summary: 'This document',
          responses: { 200: json('This document', { type: 'object' }) },
        },
      },
    },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: {
        ...SCHEMAS,
        ...SQL_SCHEMAS,
        ...SIGN_IN_SCHEMAS,
        ...PIPELINE_SCHEMAS,
        ...MODEL_SCHEMAS,
        ...METRIC_SCHEMAS,
        ...WEB_SCHEMAS,
      },
    },
  };
}

function insightPath(datasets: Datasets, contract: Contract, insight: Insight): Json {
  const filters = insight.filters.map((name) =>
    query(
      name,
      SCHEMA_OF[filterType(datasets, contract, name)],
      contract.columns.find((column) => column.name === name)?.description ?? `Only rows with this ${name}`,
    ),
  );
  const described = operation(
    `query-${contract.dataset}-${insight.name}`,
    insight.description,
    json('A page of rows', insightPage(contract, insight)),
    [...filters, LIMIT, CURSOR],
  );
  return {
    get: {
      ...described,
      responses: {
        ...(described.responses as Json),
        304: { description: 'Unchanged since the ETag of If-None-Match' },
        410: problem('The cursor is of an older version'),
      },
    },
  };
}

/** A page of an insight: its key and filters are described, the other columns are as its SQL makes them. */
function insightPage({ dataset, columns }: Contract, { name, key }: Insight): Json {
  const typeOf = (column: string): Json => {
    const own = columns.find((candidate) => candidate.name === column);
    return own === undefined ? {} : SCHEMA_OF[own.type];
  };
  const row = {
    type: 'object',
    required: key,
    properties: Object.fromEntries(key.map((column) => [column, typeOf(column)])),
  };
  return closed({
    dataset: { const: dataset },
    insight: { const: name },
    version: COUNT,
    publishedAt: NULLABLE_TEXT,
    modelVersions: MODEL_VERSIONS,
    items: { type: 'array', items: row },
    next: NULLABLE_TEXT,
  });
}

function operation(operationId: string, summary: string, ok: Json, parameters: readonly Json[] = []): Json {
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      200: ok,
      400: problem('A parameter is wrong'),
      404: problem('There is no such thing'),
      500: problem('Our fault'),
    },
  };
}

/** An operation on a run that is begun, not done, when it is answered. */
function taken(operationId: string, summary: string, conflict: string): Json {
  const begun = { ...json('Begun: follow the run at `href`', ref('Begun')), headers: { location: { schema: TEXT } } };
  const { responses, ...rest } = operation(operationId, summary, begun, [inPath('id')]);
  const { 200: accepted, ...refused } = responses as Json;
  return { ...rest, responses: { 202: accepted, ...refused, 409: problem(conflict) } };
}

function items(name: string, schema: Json): Json {
  return closed({ [name]: { type: 'array', items: schema } });
}

const SCHEMA_OF: Readonly<Record<ColumnType, Json>> = {
  string: { type: 'string' },
  int: { type: 'integer' },
  bigint: { type: 'integer' },
  double: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  timestamp: { type: 'string', format: 'date-time' },
};

const ROWS = closed({ read: COUNT, loaded: COUNT, quarantined: COUNT, duplicates: COUNT, superseded: COUNT });

const SCHEMAS: Json = {
  Problem: {
    type: 'object',
    required: ['title', 'status', 'detail'],
    properties: { title: TEXT, status: { type: 'integer' }, detail: TEXT },
  },
  InsightEntry: closed({
    dataset: TEXT,
    insight: TEXT,
    description: TEXT,
    key: { type: 'array', items: TEXT },
    filters: { type: 'array', items: TEXT },
    href: TEXT,
    version: { type: ['integer', 'null'] },
    publishedAt: NULLABLE_TEXT,
    rows: COUNT,
    modelVersions: MODEL_VERSIONS,
  }),
  Begun: { type: 'object', required: ['id', 'href'], properties: { id: TEXT, href: TEXT } },
  Rows: ROWS,
  Step: closed(
    {
      startedAt: TEXT,
      endedAt: TEXT,
      seconds: { type: 'number', minimum: 0 },
      rows: COUNT,
      databricksRunId: TEXT,
      detail: TEXT,
      error: { type: 'string', description: 'Why it failed, where that does not fail the batch' },
    },
    ['endedAt', 'seconds', 'rows', 'databricksRunId', 'detail', 'error'],
  ),
  Run: closed(
    {
      id: TEXT,
      dataset: TEXT,
      kind: { enum: ['training'], description: 'Absent for a batch' },
      training: ref('Training'),
      number: { ...COUNT, description: 'Batches count from 1; 0 for a training' },
      status: { enum: RUN_STATUSES },
      startedAt: TEXT,
      files: COUNT,
      steps: { type: 'object', additionalProperties: ref('Step') },
      endedAt: TEXT,
      rows: ref('Rows'),
      model: TEXT,
      contractVersion: TEXT,
      refresh: { type: 'string', description: 'Why rows that are there already were scored and published again' },
      error: TEXT,
      cancelRequested: { type: 'boolean' },
      resumes: { type: 'integer', description: 'How many times it was resumed' },
      fileRecords: { type: 'array', items: ref('File'), description: 'Only where one run was asked for' },
    },
    [
      ...['kind', 'training', 'endedAt', 'rows', 'model', 'contractVersion', 'refresh', 'error'],
      ...['cancelRequested', 'resumes', 'fileRecords'],
    ],
  ),
  File: closed(
    {
      id: TEXT,
      dataset: TEXT,
      path: TEXT,
      etag: TEXT,
      size: COUNT,
      sequencer: TEXT,
      landedAt: TEXT,
      traceparent: { type: 'string', description: 'The trace that its event came with' },
      status: { enum: ['arrived', 'processing', 'published', 'rejected', 'unchanged', 'superseded', 'failed'] },
      reason: TEXT,
      md5: TEXT,
      batch: TEXT,
      contractVersion: TEXT,
      rows: ref('Rows'),
      reasons: { type: 'array', items: ref('BrokenRule') },
      publishedAt: TEXT,
    },
    ['traceparent', 'reason', 'md5', 'batch', 'contractVersion', 'rows', 'reasons', 'publishedAt'],
  ),
  BrokenRule: closed({ rule: TEXT, rows: COUNT, example: TEXT }, ['example']),
  Health: closed({
    status: { enum: ['ok', 'unavailable'] },
    systems: { type: 'object', additionalProperties: { enum: ['ok', 'unavailable'] } },
  }),
};
