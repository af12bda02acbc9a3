import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { withRequestLimits } from '../../../../emulators/functions-host/http/request-limit.ts';
import { RequestUrl } from '../../../../emulators/functions-host/http/request-url.ts';

const request = { complete: true } as IncomingMessage;
const url = new RequestUrl({ headers: {} });

/** An answer that only remembers its status. */
function answer() {
  const seen: { status?: number } = {};
  const response = {
    headersSent: false,
    setHeader: () => {},
    end: () => {},
    writeHead: (status: number) => (seen.status = status),
  };
  return { seen, response: response as unknown as ServerResponse };
}

test('requests beyond those that may work wait, and those beyond that are refused', async () => {
  const open: (() => void)[] = [];
  let most = 0;
  const handler = withRequestLimits({ concurrent: 2, outstanding: 4 }, async () => {
    most = Math.max(most, open.length + 1);
    await new Promise<void>((resolve) => open.push(resolve));
  });
  const answers = Array.from({ length: 5 }, answer);
  const handled = answers.map(({ response }) => handler(request, response, url));
  await handled[4];
  expect(answers.map(({ seen }) => seen.status)).toEqual([undefined, undefined, undefined, undefined, 429]);
  expect(open).toHaveLength(2);
  for (let done = 0; done < 4; done++) {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(handled);
  expect(most).toBe(2);
});

test('a request that fails leaves its place to the next', async () => {
  let calls = 0;
  const handler = withRequestLimits({ concurrent: 1, outstanding: undefined }, async () => {
    if (calls++ === 0) throw new Error('no');
  });
  await expect(handler(request, answer().response, url)).rejects.toThrow('no');
  await handler(request, answer().response, url);
  expect(calls).toBe(2);
});
