import { describe, expect, test } from '@jest/globals';
import { toJsonRows } from '../../../src/shared/sql/json-rows.ts';
import { parseSqlRequest } from '../../../src/shared/sql/parse-request.ts';
import { formatStatementId, parseStatementId } from '../../../src/shared/sql/statement-id.ts';

describe('the body of POST /api/sql', () => {
  test('gives each parameter the SQL type of its JSON value, or the one that it names', () => {
    const { parameters, limit } = parseSqlRequest(
      {
        statement: 'SELECT 1',
        parameters: { a: 'x', b: 3, c: 2.5, d: true, e: null, f: { value: '2013-01-01', type: 'DATE' } },
        limit: 5,
      },
      100,
    );
    expect(parameters).toEqual([
      { name: 'a', value: 'x', type: 'STRING' },
      { name: 'b', value: '3', type: 'BIGINT' },
      { name: 'c', value: '2.5', type: 'DOUBLE' },
      { name: 'd', value: 'true', type: 'BOOLEAN' },
      { name: 'e', value: null, type: 'STRING' },
      { name: 'f', value: '2013-01-01', type: 'DATE' },
    ]);
    expect(limit).toBe(5);
    expect(parseSqlRequest({ statement: 'SELECT 1' }, 100).limit).toBe(100);
  });

  test.each([
    [null, 'JSON object'],
    [{}, 'statement must be a text'],
    [{ statement: 'SELECT 1', limt: 3 }, 'Unknown field limt'],
    [{ statement: 'SELECT 1', limit: 101 }, 'limit must be a whole number from 1 to 100'],
    [{ statement: 'SELECT 1', parameters: [1] }, 'parameters must be an object'],
    [{ statement: 'SELECT 1', parameters: { 'a b': 1 } }, "'a b' is no name"],
    [{ statement: 'SELECT 1', parameters: { a: { value: 1, type: 'INT); DROP' } } }, 'SQL type'],
    [{ statement: 'SELECT 1', parameters: { a: { value: {}, type: 'INT' } } }, 'single value'],
  ])('is refused when it is %j', (body, reason) => {
    expect(() => parseSqlRequest(body, 100)).toThrow(reason);
  });
});

test('rows are in JSON’s types, and stay text where JSON would lose something', () => {
  const columns = ['LONG', 'LONG', 'DOUBLE', 'DOUBLE', 'BOOLEAN', 'DECIMAL', 'STRUCT', 'STRING', 'DATE'].map(
    (type) => ({
      name: type,
      type,
      typeText: type,
    }),
  );
  const row = ['12', '9007199254740993', '1e300', 'NaN', 'true', '1.10', '{"x": [1]}', '7', null];
  expect(toJsonRows(columns, { rows: [row] })).toEqual([
    [12, '9007199254740993', 1e300, 'NaN', true, '1.10', { x: [1] }, '7', null],
  ]);
});

test('the id of a statement carries when it began', () => {
  const id = { id: '01ef0000-0000-1000-0000-000000000000', startedAt: 1_700_000_000_000 };
  expect(parseStatementId(formatStatementId(id))).toEqual(id);
  expect([parseStatementId('x'), parseStatementId('../jobs.1')]).toEqual([undefined, undefined]);
});
