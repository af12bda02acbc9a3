import { describe, expect, test } from '@jest/globals';
import { parseBlobPathPattern } from '../../../../emulators/functions-host/bindings/blob-path.ts';

describe('the path of a blob trigger', () => {
  test.each([
    ['in/{name}', 'a/b.txt', { name: 'a/b.txt' }],
    ['in/{name}.{extension}', 'a.b.csv', { name: 'a.b', extension: 'csv' }],
    ['in/original-{name}', 'original-x', { name: 'x' }],
    ['in/original-{name}', 'other-x', undefined],
    ['in', 'a/b.txt', {}],
    ['in/fixed.txt', 'fixed.txt', {}],
    ['in/{name}', 'a/../b', undefined],
    ['in/fixed.txt', 'fixed-txt', undefined],
    ['in/{{1}}-{name}', '{1}-x', { name: 'x' }],
    ['in/{date}/{name}.png', '2026/a+b.png', { date: '2026', name: 'a+b' }],
  ])('%s on %s gives %j', (path, name, expected) => {
    expect(parseBlobPathPattern(path).match(name)).toEqual(expected);
  });

  test('knows its container and what names start with', () => {
    expect(parseBlobPathPattern('/in/logs/{name}')).toMatchObject({ container: 'in', prefix: 'logs/' });
    expect(parseBlobPathPattern('in/{name}').prefix).toBe('');
  });

  test.each([
    ['container/', 'must be "container/name"'],
    ['/{container}', 'must not hold an expression'],
    ['{container}/{name}', 'must not hold an expression'],
    ['in/{name', 'a brace "{"'],
  ])('%s is refused: %s', (path, message) => {
    expect(() => parseBlobPathPattern(path)).toThrow(message);
  });
});
