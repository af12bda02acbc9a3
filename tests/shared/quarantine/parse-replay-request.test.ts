import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import { parseReplayRequest } from '../../../src/shared/quarantine/parse-replay-request.ts';

const DATASETS = loadDatasets(join(import.meta.dirname, '..', '..', '..', 'datasets'));

describe('a request to replay', () => {
  test('names a dataset, and files once each, or a batch, or a rule', () => {
    const { dataset, ...choice } = parseReplayRequest({ dataset: 'flights', files: ['a', 'b', 'a'] }, DATASETS);
    expect([dataset.contract.dataset, choice]).toEqual(['flights', { files: ['a', 'b'] }]);
    expect(parseReplayRequest({ dataset: 'flights', batch: 'b', rule: 'r' }, DATASETS)).toMatchObject({
      batch: 'b',
      rule: 'r',
    });
  });

  test.each([
    [[], 400, 'must be a JSON object'],
    [{}, 400, 'dataset must be a text'],
    [{ dataset: 'cats' }, 404, "no dataset 'cats'"],
    [{ dataset: 'flights', file: 'a' }, 400, 'Unknown field file'],
    [{ dataset: 'flights', files: [] }, 400, 'a list of 1 to 500'],
    [{ dataset: 'flights', files: ['a', 1] }, 400, 'files[1] must be a text'],
    [{ dataset: 'flights', files: ['a'], rule: 'r' }, 400, 'leave batch and rule away'],
    [{ dataset: 'flights', rule: '' }, 400, 'rule must be a text'],
  ])('such as %j is refused with what is wrong', (body, status, detail) => {
    expect(() => parseReplayRequest(body, DATASETS)).toThrow(
      expect.objectContaining({ status, message: expect.stringContaining(detail) }),
    );
  });
});
