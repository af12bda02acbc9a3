import { describe, expect, test } from '@jest/globals';
import { propertiesOfText } from '../../../../emulators/functions-host/bindings/binding-data.ts';
import {
  parseBindingExpression,
  resolveBindingExpression,
} from '../../../../emulators/functions-host/bindings/binding-expression.ts';

const data = {
  name: 'Ada',
  Query: { Page: '2' },
  headers: { 'x-id': 'h' },
  order: { line: { no: 3 } },
  when: new Date(0),
};
const resolve = (text: string) => resolveBindingExpression(parseBindingExpression(text), data);

describe('a binding expression', () => {
  test.each([
    ['plain/text', 'plain/text'],
    ['{name}.txt', 'Ada.txt'],
    ['{NAME}', 'Ada'],
    ['{query.page}', '2'],
    ['{headers.x-id}', 'h'],
    ['{order.line.no}', '3'],
    ['{order.line}', '{"no":3}'],
    ['{when}', '1970-01-01T00:00:00.000Z'],
    ['{{literal}}-{name}', '{literal}-Ada'],
  ])('%s is %s', (text, expected) => {
    expect(resolve(text)).toBe(expected);
  });

  test.each([
    ['{rand-guid}', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['{rand-guid:N}', /^[0-9a-f]{32}$/],
    ['{rand-guid:B}', /^\{[0-9a-f-]{36}\}$/],
    ['{DateTime}', /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/],
    ['{datetime:yyyy/MM/dd}', /^\d{4}\/\d\d\/\d\d$/],
  ])('%s is made up anew each time', (text, expected) => {
    expect(resolve(text)).toMatch(expected);
  });

  test.each([
    ['{unknown}', "{unknown}: 'unknown' doesn't exist"],
    ['{order.missing.no}', "{order.missing.no}: 'missing' doesn't exist"],
    ['{rand-guid:X}', 'no format of a GUID'],
  ])('%s fails: %s', (text, message) => {
    expect(() => resolve(text)).toThrow(message);
  });

  test.each([
    ['a{b', 'a brace "{"'],
    ['a}b', 'a brace "}"'],
    ['{}', 'without a valid name'],
    ['{a b}', 'without a valid name'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseBindingExpression(text)).toThrow(message);
  });
});

describe('the properties of a message', () => {
  test('are those of a JSON object, simple values as text', () => {
    expect(propertiesOfText('{"id":7,"ok":true,"who":{"name":"Ada"},"tags":[1],"none":null}')).toEqual({
      id: '7',
      ok: 'true',
      who: { name: 'Ada' },
    });
  });

  test.each(['plain', '[1]', '{broken', ''])('are none of %j', (text) => {
    expect(propertiesOfText(text)).toEqual({});
  });
});
