import {
  body,
  COUNT,
  closed,
  type Json,
  json,
  NULLABLE_NUMBER,
  operation,
  problem,
  ref,
  TEXT,
} from './openapi-parts.ts';

/** The paths of backfills. They are followed, and cancelled, as runs are. */
export const BACKFILL_PATHS: Json = {
  '/api/backfill/preview': {
    post: withBody(
      operation(
        'previewBackfill',
        'What it would come to if files went through the present contract again; begins nothing',
        json('What starting it would do', ref('BackfillPreview')),
      ),
      ref('BackfillRequest'),
    ),
  },
  '/api/backfill': { post: startOperation() },
};

function withBody({ responses, ...rest }: Json, schema: Json): Json {
  const answers = { ...(responses as Json), 413: problem('The body is too large') };
  return { ...rest, requestBody: body(schema), responses: answers };
}

function startOperation(): Json {
  const begun = { ...json('Begun: follow the run at `href`', ref('Begun')), headers: { location: { schema: TEXT } } };
  const start = operation('startBackfill', 'Start what was previewed: the canary first, then the others', begun);
  const { responses, ...rest } = withBody(start, closed({ token: TEXT }));
  const { 200: accepted, ...refused } = responses as Json;
  const conflict = problem('The preview no longer holds, is empty, or another backfill of the dataset is under way');
  return { ...rest, responses: { 202: accepted, ...refused, 409: conflict } };
}

const NUMBER_OF_BATCH: Json = { type: 'integer', minimum: 1 };
const SHARE: Json = { type: 'number', minimum: 0, maximum: 1 };

const SELECTION: Json = {
  dataset: TEXT,
  path: { type: 'string', description: 'Only files whose path fits this glob, as in a contract' },
  landedFrom: { type: 'string', format: 'date-time' },
  landedBefore: { type: 'string', format: 'date-time', description: 'Without it: now' },
  contractVersion: { type: 'string', description: 'Only files that were read under this contract' },
  firstBatch: { ...NUMBER_OF_BATCH, description: 'Only files of this batch or later ones' },
  lastBatch: NUMBER_OF_BATCH,
};
const OPTIONAL = ['path', 'landedFrom', 'contractVersion', 'firstBatch', 'lastBatch'];

const CANARY: Json = {
  type: ['boolean', 'string'],
  description: 'Whether one file goes first and alone; or which. Without it one is chosen',
};

const GROWTH: Json = {
  ...SHARE,
  description: 'The canary fails when the share of its rows that are refused grows by more. Without it 0.01',
};

const BOOKS = closed({ read: COUNT, quarantined: COUNT });

/** The schemas that these paths name. */
export const BACKFILL_SCHEMAS: Json = {
  BackfillRequest: closed({ ...SELECTION, canary: CANARY, maxQuarantinedGrowth: GROWTH }, [
    ...OPTIONAL,
    ...['landedBefore', 'canary', 'maxQuarantinedGrowth'],
  ]),
  BackfillPreview: closed({
    token: { type: 'string', description: 'What POST /api/backfill takes; it starts exactly this, or nothing' },
    dataset: TEXT,
    contractVersion: { type: 'string', description: 'The contract that they would go through' },
    files: COUNT,
    rows: COUNT,
    bytes: COUNT,
    quarantined: { ...COUNT, description: 'Rows of them that are refused now' },
    contracts: {
      type: 'array',
      items: closed({ version: TEXT, files: COUNT, rows: COUNT }),
      description: 'Under which contracts they were read',
    },
    runs: { ...COUNT, description: 'Batches' },
    databricksRuns: COUNT,
    estimatedSeconds: { ...NULLABLE_NUMBER, description: 'By what past batches took; null without any' },
    estimatedFrom: { ...COUNT, description: 'How many past batches that goes by' },
    insights: {
      type: 'array',
      items: closed({ dataset: TEXT, insight: TEXT, rows: COUNT }),
      description: 'Insights that may change, those of datasets that combine this one too',
    },
    canary: { anyOf: [closed({ path: TEXT, rows: COUNT }), { type: 'null' }] },
    maxQuarantinedGrowth: SHARE,
    leftOut: {
      type: 'array',
      items: closed({ reason: TEXT, files: COUNT }),
      description: 'Files that are meant and would come to nothing',
    },
  }),
  Backfill: closed(
    {
      selection: closed(SELECTION, OPTIONAL),
      canary: CANARY,
      maxQuarantinedGrowth: SHARE,
      progress: closed({
        ...{ published: COUNT, failed: COUNT, rejected: COUNT, leftOut: COUNT },
        before: { ...BOOKS, description: 'Rows of the files that are done, as they were before' },
        after: BOOKS,
      }),
      outcome: {
        ...closed(
          {
            path: TEXT,
            passed: { type: 'boolean' },
            reason: TEXT,
            before: ref('Rows'),
            after: ref('Rows'),
            rules: { type: 'array', items: closed({ rule: TEXT, before: COUNT, after: COUNT }) },
          },
          ['before', 'after'],
        ),
        description: 'What became of the canary',
      },
      leftOut: { type: 'array', items: closed({ path: TEXT, reason: TEXT }), description: 'The first few' },
    },
    ['outcome', 'leftOut'],
  ),
};
