import { expect, test } from '@jest/globals';
import { toSetCookie } from '../../../../emulators/functions-host/triggers/http-trigger.ts';

test.each([
  [{ name: 'a', value: 'b' }, 'a=b; path=/'],
  [{ name: 'a', value: 'b c;d' }, 'a=b%20c%3Bd; path=/'],
  [{ name: 'a', value: '', maxAge: { value: 0 } }, 'a=; max-age=0; path=/'],
  [
    {
      name: 'a',
      value: 'b',
      path: { value: '/x' },
      domain: { value: 'example.com' },
      expires: { value: { seconds: 0 } },
    },
    'a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=example.com; path=/x',
  ],
  [
    { name: 'a', value: 'b', secure: { value: true }, httpOnly: { value: true }, sameSite: 'explicitNone' },
    'a=b; path=/; secure; samesite=none; httponly',
  ],
  [{ name: 'a', value: 'b', secure: { value: false }, sameSite: 'none' }, 'a=b; path=/'],
])('the cookie %j is written as %s', (cookie, expected) => {
  expect(toSetCookie(cookie)).toBe(expected);
});
