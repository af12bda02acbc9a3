import {
  body,
  COUNT,
  CURSOR,
  closed,
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

const DATASET = { ...query('dataset', TEXT, 'Of which dataset'), required: true };
const FILE = query('file', TEXT, 'Only the file at this path');
const RULE = query('rule', TEXT, 'Only rows that broke this rule first');
const BATCH = query('batch', TEXT, 'Only this batch, even where a later one took the place of what it brought');

/** The paths of rows that were refused. */
export const QUARANTINE_PATHS: Json = {
  '/api/quarantine': {
    get: conflicting(
      operation(
        'listQuarantinedRows',
        'Rows that were refused, each with its place, its text and why',
        json(
          'Rows; a page may be short of its limit, even empty, and `next` tell of more',
          page(ref('QuarantinedRow')),
        ),
        [DATASET, FILE, RULE, BATCH, LIMIT, CURSOR],
      ),
      'What the cursor points to was replaced meanwhile',
    ),
  },
  '/api/quarantine/counts': {
    get: operation(
      'countQuarantinedRows',
      'How many rows were refused, by rule and by file',
      json('The counts, largest first', ref('QuarantineCounts')),
      [DATASET, FILE, RULE, BATCH],
    ),
  },
  '/api/quarantine/download': {
    get: operation(
      'downloadQuarantinedRows',
      "The refused rows of one file in the file's own format (of Parquet, Avro, Excel and media as JSON Lines), to be corrected and landed again",
      { description: 'The rows', content: { 'application/octet-stream': { schema: { type: 'string' } } } },
      [DATASET, { ...FILE, description: 'The path of the file', required: true }, BATCH],
    ),
  },
  '/api/quarantine/replay': { post: replayOperation() },
};

function conflicting({ responses, ...rest }: Json, conflict: string): Json {
  return { ...rest, responses: { ...(responses as Json), 409: problem(conflict) } };
}

function replayOperation(): Json {
  const begun = json('Begun: follow the entries in the ledger', ref('Replay'));
  const { responses, ...rest } = operation(
    'replayQuarantine',
    'Have files go through the present contract once more, in place of what they brought',
    json('Nothing was begun: see why in `leftOut`', ref('Replay')),
  );
  const accepted = { ...begun, headers: { location: { schema: TEXT } } };
  return {
    ...rest,
    requestBody: body(ref('ReplayRequest')),
    responses: { 202: accepted, ...(responses as Json), 413: problem('The body is too large') },
  };
}

/** The schemas that these paths name. */
export const QUARANTINE_SCHEMAS: Json = {
  QuarantinedRow: closed(
    {
      dataset: TEXT,
      batch: TEXT,
      file: TEXT,
      etag: TEXT,
      line: {
        ...COUNT,
        description: 'Its first line, the header being line 1; without lines the number of the record',
      },
      item: { ...COUNT, description: 'Which of the rows that the record gives, where an array is exploded' },
      rule: { type: 'string', description: 'The rule that it broke first' },
      rules: { type: 'array', items: TEXT },
      reason: { type: 'string', description: 'A sentence, with the values' },
      contractVersion: TEXT,
      raw: { type: 'string', description: 'Its text in the file; at most 64 KiB of it' },
    },
    ['item'],
  ),
  QuarantineCounts: closed({
    rows: COUNT,
    rules: { type: 'array', items: closed({ rule: TEXT, rows: COUNT, files: COUNT, example: TEXT }, ['example']) },
    files: {
      type: 'array',
      items: closed({
        file: TEXT,
        batch: TEXT,
        status: TEXT,
        contractVersion: TEXT,
        landedAt: TEXT,
        read: COUNT,
        rows: COUNT,
        rules: { type: 'array', items: ref('BrokenRule') },
      }),
    },
    fileCount: { ...COUNT, description: 'All files with refused rows; rows and rules count them all' },
    complete: { type: 'boolean', description: 'False: only the thousand files with most rows are listed' },
  }),
  ReplayRequest: {
    ...closed(
      {
        dataset: TEXT,
        files: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: 500 },
        batch: { type: 'string', minLength: 1, description: 'Only files of this batch' },
        rule: { type: 'string', minLength: 1, description: 'Only files with rows that broke this rule first' },
      },
      ['files', 'batch', 'rule'],
    ),
    description: 'Without a choice: all files of which rows, or the whole, were refused under an earlier contract',
  },
  Replay: closed({
    dataset: TEXT,
    contractVersion: { type: 'string', description: 'The contract that they go through now' },
    files: {
      type: 'array',
      items: closed({ id: TEXT, path: TEXT, replaces: TEXT }),
      description: 'Their entries in the ledger, and those whose place they take',
    },
    leftOut: { type: 'array', items: closed({ path: TEXT, reason: TEXT }) },
    more: { type: 'boolean', description: 'Send the request again for the files that one request does not take' },
    href: TEXT,
  }),
};
