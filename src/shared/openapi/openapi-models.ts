import { RUN_STATUSES } from '../runs/run-record.ts';
import { COUNT, closed, inPath, type Json, json, NUMBER, problem, ref, TEXT } from './openapi-parts.ts';

const REFUSED: Json = {
  400: problem('The body or a parameter is wrong'),
  404: problem('There is no such model'),
  409: problem('A training of this model is under way'),
  413: problem('The body is too large'),
};

const ACCEPTED: Json = {
  description: 'It has begun: follow it at `Location` until its status is no longer `running`',
  headers: { location: { description: 'The run: /api/runs/{id}', schema: TEXT } },
  content: { 'application/json': { schema: ref('Begun') } },
};

/** The paths of models. */
export const MODEL_PATHS: Json = {
  '/api/models': {
    get: {
      operationId: 'listModels',
      summary: 'The model of each dataset, its champion and what challenged it',
      responses: {
        200: json('The models', closed({ models: { type: 'array', items: ref('Model') } })),
      },
    },
  },
  '/api/models/{dataset}/retrain': {
    post: {
      operationId: 'requestRetraining',
      summary: 'Challenge the champion now, as every night',
      description:
        'Where rows and contract are those of the last challenge, the run ends as `unchanged` and no job is started, unless `force` is true.',
      parameters: [inPath('dataset')],
      requestBody: {
        required: false,
        content: {
          'application/json': {
            schema: closed({ force: { type: 'boolean', default: false } }, ['force']),
          },
        },
      },
      responses: { 202: ACCEPTED, ...REFUSED },
    },
  },
  '/api/models/{dataset}/rollback': {
    post: {
      operationId: 'requestRollback',
      summary: 'Put the champion before the present one back, and rescore with it',
      description: 'The version rolled back from does not win a challenge again.',
      parameters: [inPath('dataset')],
      responses: { 202: ACCEPTED, ...REFUSED },
    },
  },
};

/** Versions of the model behind what is published. */
export const MODEL_VERSIONS: Json = {
  type: 'array',
  items: TEXT,
  description: 'Versions of the model behind the scores: one, unless rows wait to be scored again; none without scores',
};

const TRAINING: Json = {
  model: TEXT,
  mode: { enum: ['challenge', 'rollback'] },
  force: { type: 'boolean' },
  verdict: { enum: ['promoted', 'kept', 'rolled-back'], description: 'kept: the champion stays. Absent until judged' },
  reason: TEXT,
  version: { type: 'string', description: 'The version that was trained, or put back' },
  champion: { type: 'string', description: 'The version that was in use before' },
  contest: ref('Contest'),
  warnings: { type: 'array', items: TEXT },
};
const NOT_YET = ['verdict', 'reason', 'version', 'champion', 'contest', 'warnings'];

/** The schemas of models. */
export const MODEL_SCHEMAS: Json = {
  Model: closed({
    ...{ dataset: TEXT, model: TEXT, description: TEXT, target: TEXT, metric: TEXT, promoteWhenBetterBy: NUMBER },
    champion: { anyOf: [ref('Champion'), { type: 'null' }] },
    publishedVersions: MODEL_VERSIONS,
    trainings: {
      type: 'array',
      description: 'The latest, newest first',
      items: closed(
        {
          ...{ run: TEXT, href: TEXT, status: { enum: RUN_STATUSES } },
          ...{ startedAt: TEXT, endedAt: TEXT, error: TEXT },
          ...TRAINING,
        },
        ['endedAt', 'error', ...NOT_YET],
      ),
    },
  }),
  Champion: closed(
    {
      version: TEXT,
      metrics: { type: 'object', additionalProperties: NUMBER },
      rows: { type: 'object', additionalProperties: COUNT },
      window: { type: 'object', additionalProperties: TEXT },
      features: { type: 'array', items: TEXT },
      contractVersion: TEXT,
      trainedBy: { type: 'string', description: 'The run that trained it' },
    },
    ['contractVersion', 'trainedBy'],
  ),
  Contest: {
    ...closed({ auc: NUMBER, championAuc: NUMBER, difference: NUMBER, low: NUMBER, high: NUMBER }),
    description: 'AUC of challenger and champion on the same later rows, and the 95 % interval of the difference',
  },
  Training: closed(TRAINING, NOT_YET),
};
