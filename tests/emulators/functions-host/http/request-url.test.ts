import { describe, expect, test } from '@jest/globals';
import { RequestUrl } from '../../../../emulators/functions-host/http/request-url.ts';

const targets = [
  ...[
    '/',
    '/api/hello',
    '/api/hello?a=1&b=/x',
    '/api/../admin/keys',
    '/api/./a',
    '/a%2Fb',
    '/a b',
    '/ü',
    '/a;b',
    '//x',
  ],
  ...['/a?b#c', '/a#b', '/.', '/a/..', '/A_b-9/', '/a\\b', 'http://other/path?q=1', '*', '/%', '/a:b@c'],
];

describe('the URL of a request', () => {
  test.each(targets)('of %s is as a URL parser sees it', (url) => {
    const headers = { host: 'LOCALHOST:7071' };
    const expected = url.startsWith('/')
      ? new URL(`http://localhost:7071${url}`)
      : new URL(url, 'http://localhost:7071');
    const read = new RequestUrl({ url, headers });
    expect(read.pathname).toBe(expected.pathname);
    expect([...read.searchParams]).toEqual([...expected.searchParams]);
    expect(read.href).toBe(expected.href);
    expect(read.host).toBe(expected.host);
  });

  test.each([
    'localhost',
    'localhost:80',
    'localhost:7071',
    '127.0.0.1:65535',
    '127.1:7071',
    'HOST',
    '[::1]:7071',
    'a.b:443',
  ])('has the host %s as a URL parser sees it', (host) => {
    const read = new RequestUrl({ url: '/', headers: { host } });
    expect(read.host).toBe(new URL(`http://${host}`).host);
  });

  test('without a host is local', () => {
    expect(new RequestUrl({ url: '/a', headers: {} }).href).toBe('http://localhost/a');
  });
});
