import { describe, expect, test } from '@jest/globals';
import type { ChangeHub } from '../../../src/shared/changes/change-hub.ts';
import type { Change } from '../../../src/shared/changes/changes.ts';
import { eventStream, parseLastEventId } from '../../../src/shared/changes/event-stream.ts';
import { NO_ROWS } from '../../../src/shared/ledger/file-record.ts';

const NOW = Math.floor(Date.now() / 1000);
const change = (at: number, id: string): Change => ({
  at,
  kind: 'run',
  record: { ...{ id, dataset: 'x', number: 1, status: 'running', startedAt: '', files: 1, rows: NO_ROWS }, steps: {} },
});

/** A hub whose changes the test makes. */
function hubOf(earlier: readonly Change[]): ChangeHub & { tell(change: Change): void; listeners(): number } {
  const listeners = new Set<(changes: readonly Change[]) => void>();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since: async (second) => earlier.filter(({ at }) => at >= second),
    tell: (told) => {
      for (const listener of listeners) listener([told]);
    },
    listeners: () => listeners.size,
  };
}

const SHORT = { lastsMilliseconds: 120, heartbeatMilliseconds: 30 };

describe('the stream of changes', () => {
  test('tells changes with their second as id, says that it lives, ends by itself and listens no more', async () => {
    const hub = hubOf([]);
    const reading = new Response(eventStream(hub, undefined, SHORT)).text();
    await Promise.resolve();
    hub.tell(change(NOW, 'a'));
    const text = await reading;
    expect(text).toContain(`id: ${NOW}\nevent: run\ndata: {"id":"a"`);
    expect(text).toContain(': alive\n\n');
    expect(hub.listeners()).toBe(0);
  });

  test('gives who comes back what was missed before what is new', async () => {
    const hub = hubOf([change(NOW - 60, 'old'), change(NOW - 20, 'missed')]);
    const reading = new Response(eventStream(hub, NOW - 20, SHORT)).text();
    hub.tell(change(NOW, 'new'));
    const text = await reading;
    expect(text).not.toContain('"old"');
    expect(text.indexOf('"missed"')).toBeGreaterThan(0);
    expect(text.indexOf('"new"')).toBeGreaterThan(text.indexOf('"missed"'));
  });

  test('has who was away for long load the lists again', async () => {
    const text = await new Response(eventStream(hubOf([]), NOW - 3600, SHORT)).text();
    expect(text).toContain('event: reset');
  });

  test('stops listening when it is cancelled, and fails when the past cannot be read', async () => {
    const hub = hubOf([]);
    const stream = eventStream(hub, undefined, SHORT);
    await stream.cancel();
    expect(hub.listeners()).toBe(0);
    const broken = { ...hub, since: () => Promise.reject(new Error('Cosmos DB is away')) };
    await expect(new Response(eventStream(broken, NOW, SHORT)).text()).rejects.toThrow();
    expect(hub.listeners()).toBe(0);
  });

  test('takes only its own ids', () => {
    expect(['12', '', 'x', '1e9', null].map(parseLastEventId)).toEqual([
      12,
      ...Array.from({ length: 4 }, () => undefined),
    ]);
  });
});
