import {
  COUNT,
  CURSOR,
  closed,
  inPath,
  type Json,
  json,
  LIMIT,
  NUMBER,
  page,
  problem,
  query,
  ref,
  TEXT,
} from './openapi-parts.ts';

const REFUSED: Json = {
  400: problem('A parameter is wrong'),
  404: problem('There is no such thing'),
  503: problem('No data factory is configured'),
};
const STATUS: Json = { enum: ['running', 'succeeded', 'failed', 'canceled'] };

/** The paths of Data Factory's pipelines. */
export const PIPELINE_PATHS: Json = {
  '/api/pipelines': {
    get: {
      operationId: 'listPipelines',
      summary: 'The pipelines of Data Factory that can be started here',
      responses: {
        200: json('The pipelines', closed({ items: { type: 'array', items: ref('Pipeline') } })),
        ...REFUSED,
      },
    },
  },
  '/api/pipelines/{name}/runs': {
    post: {
      operationId: 'startPipelineRun',
      summary: 'Start a pipeline',
      parameters: [inPath('name')],
      requestBody: { required: false, content: { 'application/json': { schema: ref('PipelineRequest') } } },
      responses: {
        202: {
          ...json('It will run: ask again at the Location', ref('PipelineRun')),
          headers: { location: { schema: TEXT } },
        },
        413: problem('The body is too large'),
        ...REFUSED,
      },
    },
  },
  '/api/pipelines/runs': {
    get: {
      operationId: 'listPipelineRuns',
      summary: 'Runs of pipelines, newest first',
      parameters: [
        query('pipeline', TEXT, 'Only this pipeline'),
        query('status', STATUS, 'Only this status'),
        LIMIT,
        CURSOR,
      ],
      responses: { 200: json('Runs', page(ref('PipelineRun'))), ...REFUSED },
    },
  },
  '/api/pipelines/runs/{id}': {
    get: {
      operationId: 'getPipelineRun',
      summary: 'One run: rows and files of each copy, and what became of the files',
      parameters: [inPath('id')],
      responses: { 200: json('The run', ref('PipelineRun')), ...REFUSED },
    },
  },
  '/api/pipelines/runs/{id}/cancel': {
    post: {
      operationId: 'cancelPipelineRun',
      summary: 'Ask a run to end',
      parameters: [inPath('id')],
      responses: {
        202: json('It will end: ask again', ref('PipelineRun')),
        409: problem('It has ended already'),
        ...REFUSED,
      },
    },
  },
};

/** The schemas that these paths name. */
export const PIPELINE_SCHEMAS: Json = {
  Pipeline: closed({
    name: TEXT,
    description: TEXT,
    parameters: { type: 'array', items: closed({ name: TEXT, type: TEXT, required: { type: 'boolean' } }) },
  }),
  PipelineRequest: closed(
    {
      parameters: { type: 'object', description: 'Values by name, as GET /api/pipelines tells them' },
      timeLimitSeconds: { type: 'integer', minimum: 1, maximum: 86_400, default: 7200 },
    },
    ['parameters', 'timeLimitSeconds'],
  ),
  PipelineRun: closed(
    {
      id: TEXT,
      pipeline: TEXT,
      parameters: { type: 'object' },
      timeLimitSeconds: { type: 'integer' },
      startedBy: { enum: ['request', 'schedule'] },
      status: STATUS,
      startedAt: TEXT,
      endedAt: TEXT,
      factoryRunId: TEXT,
      error: TEXT,
      rowsRead: COUNT,
      rowsWritten: COUNT,
      filesWritten: COUNT,
      copies: { type: 'array', items: ref('PipelineCopy') },
      fileRecords: { type: 'array', items: ref('File') },
    },
    ['endedAt', 'factoryRunId', 'error', 'fileRecords'],
  ),
  PipelineCopy: closed(
    {
      activity: TEXT,
      table: TEXT,
      landed: { type: 'string', description: 'Path in the landing container' },
      succeeded: { type: 'boolean' },
      rowsRead: COUNT,
      rowsWritten: COUNT,
      filesWritten: COUNT,
      bytesWritten: COUNT,
      seconds: NUMBER,
    },
    ['table', 'landed'],
  ),
};
