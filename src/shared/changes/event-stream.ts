import type { ChangeHub } from './change-hub.ts';
import type { Change } from './changes.ts';

/** How long a stream lasts, and how often it says that it is alive. */
export interface StreamTimes {
  readonly lastsMilliseconds: number;
  readonly heartbeatMilliseconds: number;
}

/**
 * A stream ends well before the function's time limit, and the client goes on where it was. Short, since nothing tells a
 * function that its client went away: Functions' streams swallow it.
 */
const TIMES: StreamTimes = { lastsMilliseconds: 60_000, heartbeatMilliseconds: 10_000 };

/** Older than this a client had better load its lists again than be told every change since. */
const LONGEST_ABSENCE_SECONDS = 15 * 60;

/** Writes of one second may become visible in any order, and clocks of partitions differ a little: ask for a bit more. */
const OVERLAP_SECONDS = 3;

/**
 * Server-sent events of changes: `file` and `run` with the record as data and the second of the change as id, `reset` when the
 * client was away for too long. After `lastEventId` a change may come twice, and none is missed.
 * Source: html.spec.whatwg.org, "Server-sent events".
 */
export function eventStream(
  hub: ChangeHub,
  lastEventId: number | undefined,
  times: StreamTimes = TIMES,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const now = Math.floor(Date.now() / 1000);
  let end = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      const early: Change[] = [];
      let tell = (changes: readonly Change[]): void => {
        early.push(...changes);
      };
      const stopListening = hub.listen((changes) => tell(changes));
      const heartbeat = setInterval(() => write(': alive\n\n'), times.heartbeatMilliseconds).unref();
      const timer = setTimeout(() => {
        end();
        controller.close();
      }, times.lastsMilliseconds);
      end = () => {
        stopListening();
        clearInterval(heartbeat);
        clearTimeout(timer);
      };
      write(`retry: 1000\nid: ${lastEventId ?? now}\nevent: hello\ndata: {}\n\n`);
      if (lastEventId !== undefined && lastEventId < now - LONGEST_ABSENCE_SECONDS) {
        write(`id: ${now}\nevent: reset\ndata: {}\n\n`);
      } else if (lastEventId !== undefined) {
        try {
          write((await hub.since(lastEventId - OVERLAP_SECONDS)).map(formatChange).join(''));
        } catch (error) {
          end();
          controller.error(error);
          return;
        }
      }
      write(early.map(formatChange).join(''));
      tell = (changes) => write(changes.map(formatChange).join(''));
    },
    cancel() {
      end();
    },
  });
}

/** A change as one server-sent event. */
export function formatChange({ at, kind, record }: Change): string {
  return `id: ${at}\nevent: ${kind}\ndata: ${JSON.stringify(record)}\n\n`;
}

/** The `Last-Event-ID` that a client sends: a second; undefined when it is none of ours. */
export function parseLastEventId(header: string | null): number | undefined {
  return header !== null && /^\d{1,12}$/.test(header) ? Number(header) : undefined;
}
