import { setImmediate as answered } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { shareReads } from '../../../src/shared/insights/shared-read.ts';

/** A store whose reads end when the test says so. */
function createStore() {
  const value = { now: 0 };
  const ends: (() => void)[] = [];
  const began: string[] = [];
  const read = (key: string): Promise<number> => {
    began.push(key);
    const seen = value.now;
    return new Promise((resolve, reject) => {
      ends.push(() => (seen < 0 ? reject(new Error('lost')) : resolve(seen)));
    });
  };
  const endNext = async (): Promise<void> => {
    ends.shift()?.();
    await answered(); // the next read begins after those who waited are answered
    await Promise.resolve();
  };
  return { value, began, read: shareReads(read), endNext };
}

describe('reads that are shared', () => {
  test('never give what was read before the caller asked', async () => {
    const store = createStore();
    const first = store.read('a');
    store.value.now = 1; // published after the first read began, before the second caller asked
    const second = store.read('a');
    await store.endNext();
    await store.endNext();
    expect([await first, await second]).toEqual([0, 1]);
  });

  test('are one at a time for a key, however many ask, and beside each other for others', async () => {
    const store = createStore();
    const asked = Array.from({ length: 100 }, () => store.read('a'));
    const other = store.read('b');
    expect(store.began).toEqual(['a', 'b']);
    await store.endNext();
    await store.endNext();
    expect(store.began).toEqual(['a', 'b', 'a']);
    await store.endNext();
    expect(new Set(await Promise.all([...asked, other]))).toEqual(new Set([0]));
    void store.read('a');
    expect(store.began).toHaveLength(4); // nothing is kept once nobody waits
  });

  test('fail for those who shared the one that failed, and for no others', async () => {
    const store = createStore();
    store.value.now = -1;
    const first = store.read('a');
    const failed = expect(first).rejects.toThrow('lost');
    store.value.now = 7;
    const second = store.read('a');
    await store.endNext();
    await store.endNext();
    await failed;
    expect(await second).toBe(7);
  });
});
