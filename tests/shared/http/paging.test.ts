import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import {
  encodeCursor,
  parseChoice,
  parseCursor,
  parseLimit,
  refuseUnknownParameters,
} from '../../../src/shared/http/paging.ts';

const request = (query: string): HttpRequest =>
  new HttpRequest({ method: 'GET', url: `http://localhost/api/files?${query}` });

describe('the limit of a request', () => {
  test('is 100 unless it is given', () => {
    expect([parseLimit(request('')), parseLimit(request('limit=7'))]).toEqual([100, 7]);
  });

  test.each(['0', '1001', '-1', '1.5', 'many', ''])('is refused when it is %p', (text) => {
    expect(() => parseLimit(request(`limit=${text}`))).toThrow(/limit must be a whole number from 1 to 1000/);
  });
});

describe('a cursor', () => {
  test('comes back as it was given out', () => {
    const cursor = { continuation: '{"compositeToken":"ü"}', version: 3 };
    expect(parseCursor(request(`cursor=${encodeCursor(cursor)}`))).toEqual(cursor);
  });

  test.each(['x', encodeCursor({ continuation: 1 as never }), Buffer.from('null').toString('base64url')])(
    'that is not ours is refused (%s)',
    (text) => {
      expect(() => parseCursor(request(`cursor=${text}`))).toThrow(/cursor is not one that this API gave out/);
    },
  );
});

test('a misspelt parameter is refused with those that there are', () => {
  expect(() => refuseUnknownParameters(request('orign=JFK&code=key'), ['origin', 'limit'])).toThrow(
    'Unknown query parameter orign; this route takes origin, limit.',
  );
});

test('a choice outside its words is refused with them', () => {
  expect(() => parseChoice(request('status=done'), 'status', ['running', 'failed'])).toThrow(
    "status must be one of running, failed; it is 'done'.",
  );
});
