import { isObject, type JsonObject, member } from '../model/json.ts';
import type { Model } from '../model/model.ts';
import { resolveObjects } from '../refresh/load-snapshot.ts';
import { REFRESH_TYPES, type RefreshRequest, type Service } from '../refresh/refresh.ts';
import { ApiError } from './api-error.ts';

const SECOND = 1000;
const DEFAULT_TIMEOUT = '05:00:00';
/** Analysis Services has no limit for an attempt; this is the longest that a timer takes. */
const NO_TIMEOUT = 2 ** 31 - 1;
const LONGEST_TIMEOUT = 24 * 60 * 60 * SECOND;

/** Members of a request body that each service knows; names are read without regard to case. */
const MEMBERS: Readonly<Record<Service, readonly string[]>> = {
  'power-bi': [
    'notifyOption',
    'type',
    'commitMode',
    'maxParallelism',
    'retryCount',
    'objects',
    'applyRefreshPolicy',
    'effectiveDate',
    'timeout',
  ],
  'analysis-services': ['Type', 'CommitMode', 'MaxParallelism', 'RetryCount', 'Objects'],
};

/**
 * Reads the body of POST …/refreshes. In Power BI a body of nothing or of `notifyOption` alone is a plain refresh, anything
 * more an enhanced one. @throws ApiError 400 for what cannot be run
 */
export function parseRefreshRequest(service: Service, model: Model, text: string): RefreshRequest {
  const body = parseBody(text);
  const known = MEMBERS[service];
  const unknown = Object.keys(body).find((key) => !known.some((name) => name.toLowerCase() === key.toLowerCase()));
  if (unknown !== undefined) throw invalid(`'${unknown}' is unknown; a refresh takes ${known.join(', ')}.`);
  const isEnhanced = Object.keys(body).some((key) => key.toLowerCase() !== 'notifyoption');
  if (member(body, 'applyRefreshPolicy') === true) {
    throw invalid(
      'applyRefreshPolicy needs a refresh policy on a table, and this model has none: send false or leave it out.',
    );
  }
  const defaultType = service === 'power-bi' && !isEnhanced ? 'full' : 'automatic';
  return {
    type: choice(body, 'type', REFRESH_TYPES) ?? defaultType,
    commitMode: choice(body, 'commitMode', ['transactional', 'partialBatch'] as const) ?? 'transactional',
    maxParallelism: wholeNumber(body, 'maxParallelism', 1) ?? 10,
    retryCount: wholeNumber(body, 'retryCount', 0) ?? 0,
    timeoutMilliseconds: service === 'power-bi' ? parseTimeout(member(body, 'timeout')) : NO_TIMEOUT,
    objects: parseObjects(model, member(body, 'objects')),
    enhanced: isEnhanced || service === 'analysis-services',
  };
}

function parseBody(text: string): JsonObject {
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid('The body is not JSON.');
  }
  if (!isObject(body)) throw invalid('The body must be a JSON object.');
  return body;
}

function parseObjects(model: Model, value: unknown): RefreshRequest['objects'] {
  if (value === undefined || value === null) return resolveObjects(model, undefined);
  if (!Array.isArray(value)) throw invalid('objects must be a list.');
  const named = value.map((one) => {
    const [table, partition] = isObject(one) ? [member(one, 'table'), member(one, 'partition')] : [];
    if (typeof table !== 'string' || (partition !== undefined && typeof partition !== 'string')) {
      throw invalid('Each of objects needs a table and may have a partition.');
    }
    return { table, ...(partition !== undefined && { partition }) };
  });
  try {
    return resolveObjects(model, named);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function choice<T extends string>(body: JsonObject, name: string, values: readonly T[]): T | undefined {
  const value = member(body, name);
  if (value === undefined || value === null) return undefined;
  const found = values.find((one) => one.toLowerCase() === String(value).toLowerCase());
  if (found === undefined) throw invalid(`${name} '${String(value)}' is not one of ${values.join(', ')}.`);
  return found;
}

function wholeNumber(body: JsonObject, name: string, least: number): number | undefined {
  const value = member(body, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    throw invalid(`${name} must be a whole number from ${least}.`);
  }
  return value;
}

function parseTimeout(value: unknown): number {
  const text = value ?? DEFAULT_TIMEOUT;
  const match = typeof text === 'string' ? /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text) : null;
  const [hours, minutes, seconds] = (match ?? []).slice(1).map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) throw invalid('timeout must be hh:mm:ss.');
  const milliseconds = ((hours * 60 + minutes) * 60 + seconds) * SECOND;
  if (milliseconds === 0 || milliseconds > LONGEST_TIMEOUT)
    throw invalid('timeout must be above 0 and at most 24 hours.');
  return milliseconds;
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'InvalidRequest', message);
}
