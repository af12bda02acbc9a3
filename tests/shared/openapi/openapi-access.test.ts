import { describe, expect, test } from '@jest/globals';
import { withAccess } from '../../../src/shared/openapi/openapi-access.ts';
import type { Json } from '../../../src/shared/openapi/openapi-parts.ts';

const OPERATION = { operationId: 'x', responses: { 200: { description: 'ok' }, 403: { description: 'of its own' } } };

function operationsOf(document: Json): Readonly<Record<string, Readonly<Record<string, Json>>>> {
  return document.paths as Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

describe('the document with who may call', () => {
  const document = {
    paths: { '/api/things/{id}': { get: OPERATION, post: OPERATION }, '/api/things/own': { get: OPERATION } },
  };
  const paths = operationsOf(
    withAccess(document, [
      { method: 'GET', route: 'things/{name}', access: 'Insights.Read' },
      { method: 'POST', route: 'things/{id}', access: 'Pipeline.Admin' },
      { method: 'GET', route: 'things/own', access: 'anyone' },
    ]),
  );

  test('asks for the role of the very route, or of the template that stands for the path', () => {
    expect(paths['/api/things/{id}']?.get?.security).toEqual([
      { entraId: ['Insights.Read'] },
      { functionKey: [] },
      { functionCode: [] },
    ]);
    expect(paths['/api/things/own']?.get?.security).toEqual([]);
  });

  test('offers no key for administration', () => {
    expect(paths['/api/things/{id}']?.post?.security).toEqual([{ entraId: ['Pipeline.Admin'] }]);
  });

  test('tells how each is refused, and leaves what an area says of its own', () => {
    const responses = paths['/api/things/{id}']?.get?.responses as Json;
    expect(Object.keys(responses)).toEqual(['200', '401', '403', '500', '503']);
    expect(responses[403]).toEqual({ description: 'of its own' });
    expect(Object.keys(paths['/api/things/own']?.get?.responses as Json)).toEqual(['200', '403', '500']);
  });

  test('leaves a path that no route serves without an answer to who may call it', () => {
    const lost = operationsOf(withAccess({ paths: { '/api/lost': { get: OPERATION } } }, []));
    expect(lost['/api/lost']?.get).not.toHaveProperty('security');
  });
});
