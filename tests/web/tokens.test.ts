import { expect, test } from '@jest/globals';
import { rolesOf } from '../../web/src/session/tokens.ts';

const token = (payload: unknown): string => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;

test('roles are those that the access token claims; of anything else there are none', () => {
  expect(rolesOf(token({ roles: ['Insights.Read', 'Data.Query'], name: 'Zoë ✈' }))).toEqual([
    'Insights.Read',
    'Data.Query',
  ]);
  expect([rolesOf(token({})), rolesOf(token({ roles: 'Admin' })), rolesOf('opaque'), rolesOf('')]).toEqual([
    [],
    [],
    [],
    [],
  ]);
});
