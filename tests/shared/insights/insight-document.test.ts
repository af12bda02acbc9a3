import { describe, expect, test } from '@jest/globals';
import {
  type InsightDocument,
  type InsightValue,
  planUpserts,
  visibleAt,
} from '../../../src/shared/insights/insight-document.ts';

const plan = (existing: InsightDocument[], rows: InsightValue[], published: number, next: number) =>
  planUpserts('d/i', ['k'], existing, rows, published, next);

/** Applies writes as the store does. */
function apply(existing: InsightDocument[], writes: InsightDocument[]): InsightDocument[] {
  const byId = new Map(existing.map((document) => [document.id, document]));
  for (const write of writes) byId.set(write.id, write);
  return [...byId.values()];
}

const seenAt = (documents: InsightDocument[], version: number) =>
  documents.map((document) => visibleAt(document, version)?.value).filter((value) => value !== undefined);

describe('writing the insights of a version', () => {
  const first = apply(
    [],
    plan(
      [],
      [
        { k: 'a', n: 1 },
        { k: 'b', n: 1 },
      ],
      0,
      1,
    ),
  );

  test('writes only what changes', () => {
    expect(
      plan(
        first,
        [
          { k: 'a', n: 1 },
          { k: 'b', n: 2 },
        ],
        1,
        2,
      ).map(({ id }) => id),
    ).toEqual(['b']);
  });

  test('is unseen by readers of the published version, whole for those of the next', () => {
    const second = apply(
      first,
      plan(
        first,
        [
          { k: 'b', n: 2 },
          { k: 'c', n: 1 },
        ],
        1,
        2,
      ),
    );
    expect(seenAt(second, 1)).toEqual([
      { k: 'a', n: 1 },
      { k: 'b', n: 1 },
    ]);
    expect(seenAt(second, 2)).toEqual([
      { k: 'b', n: 2 },
      { k: 'c', n: 1 },
    ]);
  });

  test('can be repeated without a write', () => {
    const rows = [{ k: 'b', n: 2 }];
    const second = apply(first, plan(first, rows, 1, 2));
    expect(plan(second, rows, 1, 2)).toEqual([]);
  });

  test('repairs what a failed version left behind', () => {
    const failed = apply(
      first,
      plan(
        first,
        [
          { k: 'a', n: 9 },
          { k: 'z', n: 9 },
        ],
        1,
        2,
      ),
    );
    const third = apply(
      failed,
      plan(
        failed,
        [
          { k: 'a', n: 1 },
          { k: 'b', n: 1 },
        ],
        1,
        3,
      ),
    );
    expect(seenAt(third, 1)).toEqual([
      { k: 'a', n: 1 },
      { k: 'b', n: 1 },
    ]);
    expect(seenAt(third, 3)).toEqual([
      { k: 'a', n: 1 },
      { k: 'b', n: 1 },
    ]);
  });
});
