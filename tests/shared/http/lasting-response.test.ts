import { describe, expect, test } from '@jest/globals';
import { lastingResponse } from '../../../src/shared/http/lasting-response.ts';

describe('an answer that lasts', () => {
  const text = 'a page, ä';
  const response = lastingResponse({ etag: '"e"' }, Buffer.from(text));

  const sent = async (): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body?.values() ?? []) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString();
  };

  test('is whole each time that it is sent, also to several at a time', async () => {
    expect(await Promise.all([sent(), sent()])).toEqual([text, text]);
    expect(await sent()).toBe(text);
  });

  test('is whole each time that it is read without streams', async () => {
    for (let times = 0; times < 2; times++) expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(text);
  });

  test('says its length beside its headers', () => {
    expect([response.status, ...response.headers]).toEqual([200, ['content-length', '10'], ['etag', '"e"']]);
  });

  test('spoils nothing when a reader leaves early', async () => {
    for await (const chunk of response.body?.values() ?? []) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(await sent()).toBe(text);
  });
});
