import { ApiProblem, readProblem } from './api-problem.ts';
import { send } from './client.ts';
import { parseEventStream } from './parse-event-stream.ts';
import type { FileRecord, RunRecord } from './types.ts';

/** Told of changes as they come. */
export interface ChangeListener {
  file(record: FileRecord): void;
  run(record: RunRecord): void;
  /** Too much was missed: load the lists again. */
  reset(): void;
  state(state: 'live' | 'connecting'): void;
}

const PAUSES_MILLISECONDS = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Follows /api/events until `signal` aborts, while the page can be seen: a page in the background asks nothing, and catches
 * up when it comes to the front.
 */
export function followChanges(listener: ChangeListener, signal: AbortSignal): void {
  const position = { lastId: '' };
  let stream: AbortController | undefined;
  const update = (): void => {
    stream?.abort();
    stream = undefined;
    if (document.hidden || signal.aborted) return;
    stream = new AbortController();
    void followStreams(listener, position, stream.signal);
  };
  document.addEventListener('visibilitychange', update, { signal });
  signal.addEventListener('abort', update);
  update();
}

/**
 * Streams end by themselves, and are taken up where they ended. `EventSource` cannot send an access token, hence `fetch`.
 */
async function followStreams(
  listener: ChangeListener,
  position: { lastId: string },
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = position.lastId === '' ? {} : { 'last-event-id': position.lastId };
      const response = await send('/api/events', { headers, signal });
      if (!response.ok || response.body === null) throw await readProblem(response);
      for await (const { event, data, id } of parseEventStream(response.body)) {
        failures = 0;
        position.lastId = id;
        listener.state('live');
        if (event === 'file') listener.file(JSON.parse(data) as FileRecord);
        if (event === 'run') listener.run(JSON.parse(data) as RunRecord);
        if (event === 'reset') listener.reset();
      }
    } catch (error) {
      if (signal.aborted || (error instanceof ApiProblem && (error.status === 401 || error.status === 403))) return;
      listener.state('connecting');
      failures += 1;
    }
    if (failures > 0) await pause(PAUSES_MILLISECONDS[Math.min(failures, PAUSES_MILLISECONDS.length) - 1] ?? 0, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
