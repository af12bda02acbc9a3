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
    get: operation('listRuns', 'Batches, trainings and backfills, newest first', json('Runs', page(ref('Run'))), [
      query('dataset', { type: 'string' }, 'Only this dataset'),
      query('status', { enum: RUN_STATUSES }, 'Only this status'),
      LIMIT,
      CURSOR,
    ]),
  },
  '/api/runs/{id}': {
    get: operation(
      'getRun',
      'One batch with its steps and files, one training of a model, or one backfill',
      json('The run', ref('Run')),
      [inPath('id')],
    ),
  },
  '/api/runs/{id}/cancel': {
    post: taken(
      'cancelRun',
      'End a batch before it is published, a training before its verdict, the Databricks run included; or a backfill after the batch that is under way',
      'It has ended already',
    ),
  },
  '/api/runs/{id}/resume': {
    post: taken(
      'resumeRun',
      'Take up a batch that failed or was cancelled, without repeating jobs that succeeded',
      'It neither failed nor was cancelled, or is no batch',
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
      warnings: { type: 'array', items: ref('Warning') },
      error: { type: 'string', description: 'Why it failed, where that does not fail the batch' },
    },
    ['endedAt', 'seconds', 'rows', 'databricksRunId', 'detail', 'warnings', 'error'],
  ),
  Drift: {
    ...closed(
      {
        kind: { enum: ['new-column', 'missing-column', 'changed-type'] },
        source: { type: 'string', description: 'What the files call the column' },
        action: { enum: ['evolved', 'ignored', 'quarantined', 'rejected'] },
        column: { type: 'string', description: 'What the dataset calls it' },
        type: { type: 'string', description: 'Of which type all values are' },
        rows: COUNT,
        files: COUNT,
        file: { type: 'string', description: 'The first of these files' },
        examples: { type: 'array', items: TEXT },
      },
      ['column', 'type', 'rows'],
    ),
    description: 'By what files differ from the contract, and what became of it',
  },
  Warning: {
    ...closed({ rule: TEXT, column: TEXT, rows: COUNT, message: TEXT }, ['column', 'rows', 'message']),
    description: 'What a job warns of without failing: a rule, the column that it belongs to, how many rows break it',
  },
  Run: closed(
    {
      id: TEXT,
      dataset: TEXT,
      kind: { enum: ['training', 'backfill'], description: 'Absent for a batch' },
      training: ref('Training'),
      backfill: ref('Backfill'),
      number: { ...COUNT, description: 'Batches count from 1; 0 for all else' },
      status: { enum: RUN_STATUSES },
      startedAt: TEXT,
      files: COUNT,
      steps: { type: 'object', additionalProperties: ref('Step') },
      endedAt: TEXT,
      rows: ref('Rows'),
      reasons: {
        type: 'array',
        items: closed({ rule: TEXT, rows: COUNT }),
        description: 'Why rows are quarantined: by the rule that they broke first',
      },
      drift: { type: 'array', items: ref('Drift') },
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
      continuedIn: { type: 'string', description: 'The later batch in which its files went on when it was resumed' },
      fileRecords: { type: 'array', items: ref('File'), description: 'Only where one run was asked for' },
    },
    [
      ...['kind', 'training', 'backfill', 'endedAt', 'rows', 'reasons', 'drift', 'model', 'contractVersion'],
      ...['refresh', 'error', 'sets', 'returned'],
      ...['cancelRequested', 'resumes', 'continuedIn', 'fileRecords'],
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
        ...closed({ of: TEXT, number: { type: 'integer', minimum: 1 }, requestedAt: TEXT, backfill: TEXT }, [
          'backfill',
        ]),
        description: 'A replay: the entry whose rows it takes the place of, and when it was asked for',
      },
      replaces: { type: 'array', items: TEXT, description: 'Entries of this path whose place it takes' },
      replacedBy: {
        ...closed({ id: TEXT, batch: TEXT, at: TEXT }),
        description: 'What it brought, rejected rows included, no longer counts',
      },
      correctedBy: {
        ...closed({ id: TEXT, batch: TEXT, at: TEXT }),
        description: 'Its refused rows landed once more, corrected, as this file: they are no longer to be seen to',
      },
    },
    [
      ...['traceparent', 'reason', 'md5', 'batch', 'contractVersion', 'rows', 'reasons', 'publishedAt'],
      ...['replay', 'replaces', 'replacedBy', 'correctedBy'],
      ...['deleted', 'set', 'manifest', 'missing'],
    ],
  ),
  BrokenRule: closed({ rule: TEXT, rows: COUNT, example: TEXT }, ['example']),
};
