import type { Datasets } from '../contracts/load-datasets.ts';
import { SECURITY_SCHEMES } from './openapi-access.ts';
import { BACKFILL_PATHS, BACKFILL_SCHEMAS } from './openapi-backfill.ts';
import { INSIGHT_SCHEMAS, insightPaths } from './openapi-insights.ts';
import { METRIC_PATHS, METRIC_SCHEMAS } from './openapi-metrics.ts';
import { MODEL_PATHS, MODEL_SCHEMAS } from './openapi-models.ts';
import { closed, type Json, json, ref, TEXT } from './openapi-parts.ts';
import { PIPELINE_PATHS, PIPELINE_SCHEMAS } from './openapi-pipelines.ts';
import { QUARANTINE_PATHS, QUARANTINE_SCHEMAS } from './openapi-quarantine.ts';
import { RUN_PATHS, RUN_SCHEMAS } from './openapi-runs.ts';
import { SIGN_IN_PATHS, SIGN_IN_SCHEMAS } from './openapi-sign-in.ts';
import { SQL_PATHS, SQL_SCHEMAS } from './openapi-sql.ts';
import { WEB_PATHS, WEB_SCHEMAS } from './openapi-web.ts';

/** The OpenAPI 3.1 description of the HTTP functions. */
export function openApiDocument(datasets: Datasets): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Landfall',
      version: '0.1.0',
      description: 'Insights of landed files, and the books of how they came to be.',
    },
    paths: {
      ...insightPaths(datasets),
      ...RUN_PATHS,
      ...QUARANTINE_PATHS,
      ...BACKFILL_PATHS,
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
        ...INSIGHT_SCHEMAS,
        ...RUN_SCHEMAS,
        ...QUARANTINE_SCHEMAS,
        ...BACKFILL_SCHEMAS,
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

const SCHEMAS: Json = {
  Problem: {
    type: 'object',
    required: ['title', 'status', 'detail'],
    properties: { title: TEXT, status: { type: 'integer' }, detail: TEXT },
  },
  Health: closed({
    status: { enum: ['ok', 'unavailable'] },
    systems: { type: 'object', additionalProperties: { enum: ['ok', 'unavailable'] } },
  }),
};
