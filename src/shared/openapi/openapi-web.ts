import { body, COUNT, type Json, json, problem, ref, TEXT } from './openapi-parts.ts';

const LAST_EVENT_ID: Json = {
  name: 'last-event-id',
  in: 'header',
  required: false,
  schema: TEXT,
  description: 'Where to go on: the id of the last event that came',
};

/** The paths that the web app needs beside insights, runs and files. */
export const WEB_PATHS: Json = {
  '/api/datasets': {
    get: {
      operationId: 'listDatasets',
      summary: 'What may land: paths and columns of each dataset',
      responses: {
        200: json('The datasets', {
          type: 'object',
          required: ['datasets'],
          properties: { datasets: { type: 'array', items: ref('Dataset') } },
        }),
      },
    },
  },
  '/api/events': {
    get: {
      operationId: 'events',
      summary: 'Files and runs as they change',
      description:
        'Server-sent events `file` and `run` whose data is a File or a Run, and `reset` when too much was missed: load the lists again. The stream ends after a minute; go on with Last-Event-ID. An event may come twice.',
      parameters: [LAST_EVENT_ID],
      responses: {
        200: { description: 'A stream', content: { 'text/event-stream': { schema: TEXT } } },
      },
    },
  },
  '/api/uploads': {
    post: {
      operationId: 'grantUpload',
      summary: 'A URL by which one file can be landed, for some minutes',
      requestBody: body(ref('UploadRequest')),
      responses: {
        201: json('Send the file there', ref('UploadGrant')),
        400: problem('The path is not safe, or no dataset expects it; the detail names those that are expected'),
        413: problem('The file is too large'),
      },
    },
  },
};

/** The schemas that these paths name. */
export const WEB_SCHEMAS: Json = {
  Dataset: {
    type: 'object',
    required: [
      ...['dataset', 'description', 'path', 'correctionsPath', 'format', 'laterVersions'],
      ...['table', 'columns', 'insights'],
    ],
    properties: {
      dataset: TEXT,
      description: TEXT,
      path: { type: 'string', description: 'Pattern of the paths at which its files land' },
      correctionsPath: {
        type: ['string', 'null'],
        description: 'Pattern of those of refused rows that were corrected; null for media, of which nothing is',
      },
      format: TEXT,
      laterVersions: {
        enum: ['upsert', 'append', 'history'],
        description:
          'What a later version of a key does; with history the table has valid_from, valid_to and is_current',
      },
      table: { type: 'string', description: 'Its cleansed rows, as POST /api/sql names them' },
      columns: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'type', 'nullable', 'description'],
          properties: {
            name: { type: 'string', description: 'What files call it' },
            type: TEXT,
            nullable: { type: 'boolean' },
            description: TEXT,
            column: { type: 'string', description: 'What the table calls it, where files brought it' },
            evolved: { type: 'string', description: 'The batch whose files brought it; the contract does not name it' },
          },
        },
      },
      insights: { type: 'array', items: TEXT },
    },
  },
  UploadRequest: {
    type: 'object',
    required: ['path', 'size'],
    additionalProperties: false,
    properties: { path: TEXT, size: { ...COUNT, minimum: 1, description: 'Bytes' } },
  },
  UploadGrant: {
    type: 'object',
    required: ['dataset', 'path', 'url', 'method', 'headers', 'expiresAt'],
    properties: {
      dataset: TEXT,
      path: TEXT,
      url: TEXT,
      method: { const: 'PUT' },
      headers: { type: 'object', additionalProperties: TEXT },
      expiresAt: { type: 'string', format: 'date-time' },
    },
  },
};
