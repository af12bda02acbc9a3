import { startZygote, type TaskOrder, type Zygote, type ZygoteEvent, type ZygoteOptions } from './zygote.ts';

/** How the pool keeps itself ready. */
export interface WorkerPoolOptions extends ZygoteOptions {
  /** Processes that wait with Spark up and warm. */
  readonly spares: number;
  /** While a task runs, its spare is replaced after this time only, so that warming does not slow it. */
  readonly replaceAfterMs: number;
}

/** How a task's process ended. `lost`: not by its own doing, the machinery under it went away. */
export type TaskOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: string; readonly errorTrace: string; readonly missing: boolean }
  | { readonly kind: 'crashed'; readonly error: string }
  | { readonly kind: 'lost'; readonly error: string };

/** A task under way. */
export interface TaskProcess {
  readonly ended: Promise<TaskOutcome>;
  /** Ends the process and all that it started, after `graceMs` by force. */
  kill(graceMs: number): void;
}

/** Processes for tasks, each used once. */
export interface WorkerPool {
  run(order: TaskOrder, onStarted: () => void): TaskProcess;
  status(): { readonly ready: boolean; readonly warm: number; readonly busy: number };
  close(): Promise<void>;
}

interface Child {
  readonly zygote: Zygote;
  phase: 'warming' | 'spare' | 'busy';
  onStarted?: () => void;
  onEnded?: (outcome: TaskOutcome) => void;
}

const STALE_CHECK_MS = 1000;
const FAILED_STARTS = 3;

/** Starts a zygote and keeps spare children of it. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const children = new Map<number, Child>();
  const zygotes = new Set<Zygote>();
  let lastNumber = 0;
  let ready = false;
  let failedStarts = 0;
  let closing = false;
  let current = start();
  const staleCheck = setInterval(renewIfStale, STALE_CHECK_MS).unref();

  function start(): Zygote {
    ready = false;
    const zygote = startZygote(
      options,
      (event) => onEvent(zygote, event),
      (reason) => onExit(zygote, reason),
    );
    zygotes.add(zygote);
    return zygote;
  }

  function onEvent(zygote: Zygote, event: ZygoteEvent): void {
    if (event.event === 'ready') {
      failedStarts = 0;
      if (zygote === current) ready = true;
      fill();
      return;
    }
    const child = children.get(event.child);
    if (child === undefined) return;
    if (event.event === 'warm' && child.phase === 'warming') child.phase = 'spare';
    if (event.event === 'started') child.onStarted?.();
    if (event.event === 'done') {
      children.delete(event.child);
      child.onEnded?.(outcomeOf(event));
      retireIfIdle(zygote);
      fill();
    }
  }

  function onExit(zygote: Zygote, reason: string): void {
    zygotes.delete(zygote);
    for (const [number, child] of children) {
      if (child.zygote !== zygote) continue;
      children.delete(number);
      child.onEnded?.({ kind: 'lost', error: `The Python process under the task ended: ${reason}` });
    }
    if (zygote !== current || closing) return;
    if (!ready) failedStarts += 1;
    ready = false;
    if (failedStarts < FAILED_STARTS) {
      setTimeout(() => {
        if (!closing && zygote === current) current = start();
      }, failedStarts * 500);
    } else {
      process.stderr.write(`databricks emulator: Python does not start (${reason}). Check --python and --preload.\n`);
    }
  }

  /** A retired zygote leaves when its last task has ended. */
  function retireIfIdle(zygote: Zygote): void {
    if (zygote === current) return;
    if (![...children.values()].some((child) => child.zygote === zygote && child.phase === 'busy')) void zygote.close();
  }

  function renewIfStale(): void {
    if (!ready || !current.isStale()) return;
    const old = current;
    for (const [number, child] of children) {
      if (child.zygote === old && child.phase !== 'busy') children.delete(number);
    }
    current = start();
    retireIfIdle(old);
  }

  function fill(): void {
    if (closing || !ready) return;
    const all = [...children.values()].filter((child) => child.zygote === current);
    if (all.some((child) => child.phase === 'busy')) return;
    for (let missing = options.spares - all.length; missing > 0; missing -= 1) forkChild('warming');
  }

  /** Keeps a spare at hand during a long task too, for a second one beside it. */
  function fillLater(): void {
    setTimeout(() => {
      const idle = [...children.values()].some((child) => child.zygote === current && child.phase !== 'busy');
      if (!closing && ready && !idle && options.spares > 0) forkChild('warming');
    }, options.replaceAfterMs).unref();
  }

  function forkChild(phase: 'warming' | 'busy'): number {
    lastNumber += 1;
    children.set(lastNumber, { zygote: current, phase });
    current.fork(lastNumber, phase === 'warming');
    return lastNumber;
  }

  function take(): number {
    const free = [...children].filter(([, child]) => child.zygote === current && child.phase !== 'busy');
    const best = free.find(([, child]) => child.phase === 'spare') ?? free[0];
    return best?.[0] ?? forkChild('busy');
  }

  return {
    run: (order, onStarted) => {
      renewIfStale();
      if (!zygotes.has(current)) {
        failedStarts = Math.min(failedStarts, FAILED_STARTS - 1); // One more try for each task.
        current = start();
      }
      const number = take();
      const child = children.get(number);
      if (child === undefined) throw new Error('a child that was just taken is missing');
      child.phase = 'busy';
      child.onStarted = onStarted;
      const ended = new Promise<TaskOutcome>((resolve) => {
        child.onEnded = resolve;
      });
      child.zygote.run(number, order);
      fillLater();
      return { ended, kill: (graceMs) => child.zygote.kill(number, graceMs) };
    },
    status: () => {
      const phases = [...children.values()].map((child) => child.phase);
      const count = (phase: Child['phase']) => phases.filter((each) => each === phase).length;
      return { ready, warm: count('spare'), busy: count('busy') };
    },
    close: async () => {
      closing = true;
      clearInterval(staleCheck);
      await Promise.all([...zygotes].map((zygote) => zygote.close()));
    },
  };
}

function outcomeOf(event: Extract<ZygoteEvent, { event: 'done' }>): TaskOutcome {
  const { result, signal, exit_code: exitCode } = event;
  if (result?.ok) return { kind: 'succeeded' };
  if (result) {
    const { error = '', error_trace: errorTrace = '', missing = false } = result;
    return { kind: 'failed', error, errorTrace, missing };
  }
  const how = signal === 0 ? `exit code ${exitCode}` : `signal ${signal}`;
  return { kind: 'crashed', error: `The Python process of the task ended unexpectedly (${how}).` };
}
