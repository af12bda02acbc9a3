import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { answerWeb, securityHeaders } from '../../../src/shared/web/answer-web.ts';
import { loadWebFiles } from '../../../src/shared/web/web-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'landfall-web-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'console.log(1);'.repeat(100));
writeFileSync(join(folder, '.secret.json'), '{}');
writeFileSync(join(folder, 'unknown.exe'), '');
afterAll(() => rmSync(folder, { recursive: true }));

const files = loadWebFiles(folder);
const security = securityHeaders(['https://storage.example']);
const ask = (path: string, headers: Record<string, string> = {}) =>
  answerWeb({ headers: new Headers(headers) } as unknown as Parameters<typeof answerWeb>[0], path, files, security);
const headersOf = (path: string, headers?: Record<string, string>) =>
  ask(path, headers).headers as Readonly<Record<string, string>>;

describe('the files of the web app', () => {
  test.each([['nothing.js'], ['.secret.json'], ['unknown.exe'], ['../package.json'], ['assets/index-1a2b.js.map']])(
    '%s is not among them',
    (path) => {
      expect(ask(path).status).toBe(404);
    },
  );

  test.each([[''], ['operations'], ['insights/flights/route-risk']])('the view at "%s" is the page', (path) => {
    expect(String(ask(path).body)).toBe('<!doctype html>');
    expect(headersOf(path)['cache-control']).toBe('no-cache');
  });

  test.each([
    ['gzip', 'gzip'],
    ['br, gzip;q=0.5', 'gzip'],
    ['br, gzip;q=0', undefined],
    ['identity', undefined],
    ['', undefined],
  ])('to who accepts "%s" a script comes as %s', (accepted, coding) => {
    expect(headersOf('assets/index-1a2b.js', { 'accept-encoding': accepted })['content-encoding']).toBe(coding);
  });

  test('an ETag of another encoding is another answer', () => {
    const etag = headersOf('assets/index-1a2b.js').etag ?? '';
    expect(ask('assets/index-1a2b.js', { 'if-none-match': `W/${etag}, "other"` }).status).toBe(304);
    expect(ask('assets/index-1a2b.js', { 'if-none-match': etag, 'accept-encoding': 'gzip' }).status).toBeUndefined();
  });

  test('none are there before the app is built, and the answer says so', () => {
    const answer = answerWeb(
      { headers: new Headers() } as unknown as Parameters<typeof answerWeb>[0],
      '',
      loadWebFiles(join(folder, 'nowhere')),
      security,
    );
    expect(answer).toMatchObject({ status: 404, body: expect.stringContaining('npm run build') });
  });

  test('nothing from elsewhere runs in the page, and it calls only where it is told', () => {
    const policy = security['content-security-policy'] ?? '';
    expect(policy).toContain("connect-src 'self' https://storage.example;");
    expect(policy).not.toMatch(/unsafe|\*/);
  });
});
