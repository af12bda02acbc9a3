import { describe, expect, test } from '@jest/globals';
import { RouteTable } from '../../../../emulators/functions-host/http/route-table.ts';
import { matchRoute, parseRouteTemplate } from '../../../../emulators/functions-host/http/route-template.ts';

const match = (template: string, path: string) => matchRoute(parseRouteTemplate(template), path.split('/'));

describe('a route template', () => {
  test.each([
    ['a/{id}', 'a/1', { id: '1' }],
    ['a/{id}', 'a', undefined],
    ['a/{id?}', 'a', {}],
    ['a/{id=7}', 'a', { id: '7' }],
    ['a/{id:int}', 'a/-12', { id: '-12' }],
    ['a/{id:int}', 'a/1.5', undefined],
    ['a/{id:int?}', 'a', {}],
    ['a/{id:alpha}', 'a/b2', undefined],
    ['a/{id:guid}', 'a/9f1c3bde-1111-2222-3333-444455556666', { id: '9f1c3bde-1111-2222-3333-444455556666' }],
    ['a/{id:length(2,3)}', 'a/abcd', undefined],
    ['a/{id:range(1,5)}', 'a/5', { id: '5' }],
    ['a/{id:regex(^x\\d{{2}}$)}', 'a/x12', { id: 'x12' }],
    ['a/{*rest}', 'a/b/c/d', { rest: 'b/c/d' }],
    ['a/{*rest}', 'a', {}],
    ['{name}.{ext}', 'report.csv', { name: 'report', ext: 'csv' }],
    ['{name}.{ext?}', 'a.report.csv', { name: 'a.report', ext: 'csv' }],
    ['{name}.{ext?}', 'report', { name: 'report' }],
    ['{name}.{ext:alpha}', 'report.7z', undefined],
    ['{from}-{to}', '1-2-3', { from: '1-2', to: '3' }],
    ['a/{id:int=5}', 'a', { id: '5' }],
    ['a/{id:int=5}/b', 'a/x/b', undefined],
    ['A/b', 'a/B', {}],
    ['a/{id}', 'a/1/2', undefined],
  ])('%s on %s gives %j', (template, path, expected) => {
    expect(match(template, path)).toEqual(expected);
  });

  test('with an unknown constraint or broken braces is refused by name', () => {
    expect(() => parseRouteTemplate('a/{id:nonsense}')).toThrow('unknown constraint "nonsense"');
    expect(() => parseRouteTemplate('a/{id')).toThrow('unbalanced braces');
  });
});

describe('a route table', () => {
  const table = new RouteTable<string>();
  table.add('items/{*rest}', [], 'rest');
  table.add('items/{id}', ['GET'], 'plain');
  table.add('items/{id:int}', ['GET'], 'number');
  table.add('items/all', ['GET'], 'all');

  test.each([
    ['GET', '/items/all', 'all'],
    ['GET', '/items/5', 'number'],
    ['GET', '/items/x', 'plain'],
    ['GET', '/items/x/y', 'rest'],
    ['PUT', '/items/5', 'rest'],
  ])('%s %s leads to the most specific route: %s', (method, path, target) => {
    expect(table.match(method, path)).toMatchObject({ kind: 'found', target });
  });

  test('tells a wrong method from a wrong path', () => {
    const small = new RouteTable<string>();
    small.add('x', ['POST'], 'x');
    expect(small.match('GET', '/x')).toEqual({ kind: 'wrongMethod', allowed: ['POST'] });
    expect(small.match('GET', '/y')).toEqual({ kind: 'none' });
  });
});
