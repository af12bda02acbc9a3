import { describe, expect, test } from '@jest/globals';
import { RequestProblem } from '../../../src/shared/http/problem.ts';
import { readOnlyStatement } from '../../../src/shared/sql/read-only.ts';
import { tokenize } from '../../../src/shared/sql/tokens.ts';

describe('a reading statement', () => {
  test.each([
    ['SELECT 1', 'SELECT 1'],
    ['select 1 ;; ', 'select 1'],
    ['-- of flights\n/* all /* of */ them; */ SELECT count(*) FROM main.silver.flights', undefined],
    ["SELECT 'DROP TABLE x; --' AS s", undefined],
    ["SELECT 'it\\'s; fine' AS s", undefined],
    ["SELECT r'\\' AS s", undefined],
    ['SELECT `delete;` FROM t', undefined],
    ['WITH inserted AS (SELECT 1 AS delete) SELECT delete FROM inserted', undefined],
    ['((SELECT 1) UNION (SELECT 2))', undefined],
    ['SELECT main.text.a, delta FROM main.text', undefined],
    ['SHOW TABLES IN main.silver', undefined],
    ['DESCRIBE main.silver.flights', undefined],
    ['EXPLAIN FORMATTED SELECT 1', undefined],
  ])('is let through: %s', (sql, expected = sql) => {
    expect(readOnlyStatement(sql)).toBe(expected);
  });
});

describe('anything else', () => {
  test.each([
    ['', 'empty'],
    ['-- SELECT 1', 'empty'],
    ['/* SELECT */ DELETE FROM t', 'begins with DELETE'],
    ['SELECT 1; DROP TABLE t', 'one statement at a time'],
    ["SELECT 'a'';' ; DROP TABLE t", 'one statement at a time'],
    ['WITH n AS (SELECT 1) INSERT INTO t SELECT * FROM n', 'leads to INSERT'],
    ['WITH n AS (SELECT 1) MERGE INTO t USING n ON true WHEN MATCHED THEN DELETE', 'leads to MERGE'],
    ['EXPLAIN DROP TABLE t', 'begins with DROP'],
    ['FROM t INSERT INTO u SELECT *', 'begins with FROM'],
    ['SELECT * FROM csv.`abfss://landing@x/secret.csv`', 'reads files'],
    ['SELECT * FROM text.`/etc/passwd`', 'reads files'],
    ['SELECT * FROM `/etc/passwd`', 'is a path'],
    ['SELECT * FROM text.hostname', 'reads files'],
    ['SELECT * FROM /* a */ `Delta` . `x`', 'reads files'],
    ["SELECT * FROM identifier ('text' || '.x')", 'IDENTIFIER'],
    ["SELECT $$'$$, x.* FROM t x --'", '$ is no part'],
    ['SELECT 1 -- a\r; DROP TABLE t', 'one statement at a time'],
    ["SELECT 'open", 'has no end'],
    ['SELECT 1\n/* open /* */', 'in line 2'],
    ['"SELECT" 1', 'begins with "SELECT"'],
  ])('is refused with 400: %s', (sql, reason) => {
    expect(() => readOnlyStatement(sql)).toThrow(RequestProblem);
    expect(() => readOnlyStatement(sql)).toThrow(reason);
  });
});

test('tokens keep their place and kind, without comments', () => {
  expect(tokenize('SELECT `a``b`, -- c\n "d" /* e */ >= 1.5')).toEqual([
    { kind: 'word', text: 'SELECT', position: 0 },
    { kind: 'quoted', text: '`a``b`', position: 7 },
    { kind: 'symbol', text: ',', position: 13 },
    { kind: 'string', text: '"d"', position: 21 },
    { kind: 'symbol', text: '>', position: 33 },
    { kind: 'symbol', text: '=', position: 34 },
    { kind: 'word', text: '1', position: 36 },
    { kind: 'symbol', text: '.', position: 37 },
    { kind: 'word', text: '5', position: 38 },
  ]);
});
