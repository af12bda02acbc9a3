import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { cleanUp, newFolder, startHost } from '../start-host.ts';

afterAll(cleanUp);

test('--access-log appends each request of others in the Combined Log Format, and no secret', async () => {
  const data = newFolder();
  const file = join(data, 'logs', 'access.log');
  const host = await startHost('durable', data, { args: ['--access-log', file, '--log-level', 'warn'] });
  const key = host.keys.systemKeys.durabletask_extension;
  const headers = { 'user-agent': 'a "quoted" agent \u00e9', referer: `http://example.org/page?code=${key}` };
  await fetch(`${host.url}/runtime/webhooks/durabletask/orchestrators/chain?code=${key}`, {
    method: 'POST',
    body: '["a"]',
    headers: { 'content-type': 'application/json' },
  });
  expect(await fetch(`${host.url}/nothing/here?code=${key}`, { headers })).toMatchObject({ status: 404 });
  expect(await host.stop()).toBe(0);

  const log = readFileSync(file, 'utf8');
  const time = String.raw`\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} \+0000\]`;
  const orchestrators = '/runtime/webhooks/durabletask/orchestrators/chain';
  expect(log.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      new RegExp(`^127\\.0\\.0\\.1 - - ${time} "POST ${orchestrators} HTTP/1\\.1" 202 \\d+ "-" "node"$`),
    ),
    expect.stringMatching(
      new RegExp(
        `^127\\.0\\.0\\.1 - - ${time} "GET /nothing/here HTTP/1\\.1" 404 - "http://example\\.org/page" ` +
          String.raw`"a \\"quoted\\" agent \\xe9"$`,
      ),
    ),
  ]);
  expect(log).not.toContain(key);
});
