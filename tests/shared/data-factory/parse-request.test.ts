import { expect, test } from '@jest/globals';
import type { Pipeline } from '../../../src/shared/data-factory/data-factory-client.ts';
import { parsePipelineRequest } from '../../../src/shared/data-factory/parse-request.ts';
import { isPipelineRunId } from '../../../src/shared/data-factory/pipeline-run-record.ts';

const PIPELINE: Pipeline = {
  name: 'copy-http-files',
  description: '',
  parameters: [
    { name: 'files', type: 'Array', required: true },
    { name: 'url', type: 'string', required: false },
  ],
};

test('a request without a body takes the defaults', () => {
  expect(parsePipelineRequest({ ...PIPELINE, parameters: [] }, undefined)).toEqual({
    pipeline: 'copy-http-files',
    parameters: {},
    timeLimitSeconds: 7200,
  });
});

test.each([
  [[], 'The body must be a JSON object'],
  [null, 'The body must be a JSON object'],
  [{ parameters: null }, 'parameters must be a JSON object'],
  [{ params: {} }, 'Unknown field params'],
  [{ parameters: { files: [], requestId: 'mine' } }, 'Unknown parameter requestId; known are: files, url'],
  [{ parameters: {} }, 'The parameter files (Array) is missing'],
  [{ parameters: { files: 'a.csv' } }, 'The parameter files must be of type Array'],
  [{ parameters: { files: [], url: 1 } }, 'The parameter url must be of type string'],
  [{ parameters: { files: [] }, timeLimitSeconds: 0 }, 'timeLimitSeconds must be'],
])('%j is refused', (body, message) => {
  expect(() => parsePipelineRequest(PIPELINE, body)).toThrow(message);
});

test.each([
  ['copy-reference-tables-2026-01-31', true],
  ['copy-reference-tables-6f0e3a52-7c44-4d8e-9d0a-0f5d3c5f9b1e', true],
  ['2026-01-31', false],
  ['a/b-2026-01-31', false],
  ['copy', false],
])('%s as an id of a run: %s', (id, valid) => {
  expect(isPipelineRunId(id)).toBe(valid);
});
