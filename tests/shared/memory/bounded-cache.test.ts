import { describe, expect, test } from '@jest/globals';
import { createBoundedCache } from '../../../src/shared/memory/bounded-cache.ts';

describe('a bounded cache', () => {
  const create = () => createBoundedCache<string>(10, (_key, value) => value.length);

  test('forgets first what was not asked for the longest, and never holds more than it may', () => {
    const cache = create();
    cache.set('a', 'aaaa');
    cache.set('b', 'bbbb');
    expect(cache.get('a')).toBe('aaaa');
    cache.set('c', 'cccc');
    expect(['a', 'b', 'c'].map(cache.get)).toEqual(['aaaa', undefined, 'cccc']);
  });

  test('keeps what is new, also when all else was asked for', () => {
    const cache = create();
    cache.set('a', 'aaaaa');
    cache.set('b', 'bbbbb');
    expect(['a', 'b'].map(cache.get)).toEqual(['aaaaa', 'bbbbb']);
    cache.set('c', 'ccccc');
    expect(['a', 'b', 'c'].map(cache.get)).toEqual([undefined, 'bbbbb', 'ccccc']);
  });

  test('counts a value that is set again once, and keeps none that is too large', () => {
    const cache = create();
    for (let times = 0; times < 5; times++) cache.set('a', 'aaaaa');
    cache.set('b', 'bbbbb');
    cache.set('huge', 'x'.repeat(11));
    expect(['a', 'b', 'huge'].map(cache.get)).toEqual(['aaaaa', 'bbbbb', undefined]);
    cache.delete('a');
    cache.delete('a');
    cache.set('c', 'ccccc');
    expect(['a', 'b', 'c'].map(cache.get)).toEqual([undefined, 'bbbbb', 'ccccc']);
  });
});
