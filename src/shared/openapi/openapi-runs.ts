import { FILE_STATUSES } from '../ledger/file-record.ts';
import { RUN_STATUSES } from '../runs/run-record.ts';
import {
  COUNT,
  CURSOR,
  closed,
  inPath,
  type Json,
  json,
  LIMIT,
  operation,
  page,
  problem,
  query,
  ref,
  TEXT,
} from './openapi-parts.ts';

/** The paths of runs and of the ledger of files. */
export const RUN_PATHS: Json = {
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
      query('status', { enum: FILE_STATUSES }, 'Only this status'),
      query('batch', { type: 'string' }, 'Only files of this batch'),
      LIMIT,
      CURSOR,
    ]),
  },
};

/** An operation on a run that is begun, not done, when it is answered. */
function taken(operationId: string, summary: string, conflict: string): Json {
  const begun = { ...json('Begun: follow the run at `href`', ref('Begun')), headers: { location: { schema: TEXT } } };
  const { responses, ...rest } = operation(operationId, summary, begun, [inPath('id')]);
  const { 200: accepted, ...refused } = responses as Json;
  return { ...rest, responses: { 202: accepted, ...refused, 409: problem(conflict) } };
}

const ROWS = closed({ read: COUNT, loaded: COUNT, quarantined: COUNT, duplicates: COUNT, superseded: COUNT });

/** The schemas that these paths name. */
export const RUN_SCHEMAS: Json = {
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
      returned: { ...COUNT, description: 'Rows of other files that count again, since what they had lost to is gone' },
      sets: {
        type: 'array',
        items: closed({ name: TEXT, missing: TEXT }, ['missing']),
        description: 'Sets of files that went together in it, and what one went without',
      },
      cancelRequested: { type: 'boolean' },
      resumes: { type: 'integer', description: 'How many times it was resumed' },
      fileRecords: { type: 'array', items: ref('File'), description: 'Only where one run was asked for' },
    },
    [
      ...['kind', 'training', 'endedAt', 'rows', 'model', 'contractVersion', 'refresh', 'error', 'sets', 'returned'],
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
      status: { enum: FILE_STATUSES },
      reason: TEXT,
      md5: TEXT,
      batch: TEXT,
      contractVersion: TEXT,
      rows: ref('Rows'),
      reasons: { type: 'array', items: ref('BrokenRule') },
      publishedAt: TEXT,
      deleted: {
        const: true,
        description: 'The file was deleted: this entry takes back what its earlier ones brought',
      },
      set: { type: 'string', description: 'The set of files that it belongs to' },
      manifest: { const: true, description: 'It names the files of its set' },
      missing: { type: 'string', description: 'What its set went without when its time had come' },
      replay: {
        ...closed({ of: TEXT, number: { type: 'integer', minimum: 1 }, requestedAt: TEXT }),
        description: 'A replay: the entry whose rows it takes the place of, and when it was asked for',
      },
      replaces: { type: 'array', items: TEXT, description: 'Entries of this path whose place it takes' },
      replacedBy: {
        ...closed({ id: TEXT, batch: TEXT, at: TEXT }),
        description: 'What it brought, rejected rows included, no longer counts',
      },
    },
    [
      ...['traceparent', 'reason', 'md5', 'batch', 'contractVersion', 'rows', 'reasons', 'publishedAt'],
      ...['replay', 'replaces', 'replacedBy', 'deleted', 'set', 'manifest', 'missing'],
    ],
  ),
  BrokenRule: closed({ rule: TEXT, rows: COUNT, example: TEXT }, ['example']),
};
