import { expect, test } from '@jest/globals';
import {
  evaluateDocument,
  evaluateText,
  parseJson,
  toPlain,
  writeJson,
} from '../../../../emulators/data-factory/expressions/index.ts';

const value = (expression: string): unknown => toPlain(evaluateText(expression, { item: { n: 1n } }));

test('the closing brace of an interpolation is found behind braces in strings', () => {
  expect(value("a@{concat('}','{')}b")).toBe('a}{b');
});

test('@@ and @@{ stand for @ and @{', () => {
  expect(['@@x', '@@{x}', 'a@b.com', 'a@@{x}@{1}'].map(value)).toEqual(['@x', '@{x}', 'a@b.com', 'a@{x}1']);
});

test('if, and, or look only at what they need', () => {
  expect(value('@if(true, 1, div(1,0))')).toBe(1);
  expect(value('@or(true, item().missing)')).toBe(true);
  expect(() => value('@and(true, item().missing)')).toThrow("property 'missing' doesn't exist");
});

test('64-bit integers keep their digits through arithmetic and JSON', () => {
  expect(evaluateText('@add(9007199254740993,1)', {})).toBe(9007199254740994n);
  expect(writeJson(parseJson('{"a":9007199254740993,"b":1.0,"c":[1e3]}'))).toBe(
    '{"a":9007199254740993,"b":1.0,"c":[1000.0]}',
  );
});

test('Expression objects and strings are evaluated wherever they stand in a document', () => {
  const document = { a: { type: 'Expression', value: '@item().n' }, b: ['x', { c: '@{item().n}' }], d: 2.5, e: null };
  expect(toPlain(evaluateDocument(document, { item: { n: 1n } }))).toEqual({
    a: 1,
    b: ['x', { c: '1' }],
    d: 2.5,
    e: null,
  });
});

test('month ends clamp, offsets become UTC, zones know summer time', () => {
  expect(value("@addToTime('2024-02-29',1,'Year')")).toBe('2025-02-28T00:00:00.0000000');
  expect(value("@addHours('2026-03-15T10:00:00+02:00',1)")).toBe('2026-03-15T09:00:00.0000000Z');
  expect(value("@convertToUtc('2026-01-01T08:00:00','Pacific Standard Time')")).toBe('2026-01-01T16:00:00.0000000Z');
  expect(value("@convertFromUtc('2026-03-29T01:00:00Z','Romance Standard Time','HH:mm')")).toBe('03:00');
});

test('floats are written as .NET writes them', () => {
  expect(['@{1e21}', '@{0.00001}', '@{1e15}', '@{100000000000000.0}', '@{div(1,3.0)}'].map(value)).toEqual([
    '1E+21',
    '1E-05',
    '1E+15',
    '100000000000000',
    '0.3333333333333333',
  ]);
});

test('xpath takes attributes, predicates and elements', () => {
  const xml = '<r xmlns:x="u"><p id="1"><n>A &amp; B</n></p><p id="2"><n>C</n></p></r>';
  const path = (text: string): unknown => value(`@xpath(xml('${xml}'),'${text.replaceAll("'", "''")}')`);
  expect(path("string(//p[@id='2']/n)")).toBe('C');
  expect(path('/r/p/@id')).toEqual(['1', '2']);
  expect(path("/r/p[n='A & B']/n/text()")).toEqual(['A & B']);
  expect(path('count(//n)')).toBe(2);
  expect(path('/r/p[last()]/n')).toEqual([
    { '$content-type': 'application/xml;charset=utf-8', $content: Buffer.from('<n>C</n>').toString('base64') },
  ]);
});
