import type { EntityHandler, OrchestrationHandler } from 'durable-functions';
import { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import type { ActivityRow } from '../../../../emulators/functions-host/engine/records.ts';
import type { ActivityOutcome, DurableProtocol } from '../../../../emulators/functions-host/engine/types.ts';
import { createProtocolV3 } from '../../../../emulators/functions-host/protocol-v3/protocol.ts';
import { createEntityFunction, createOrchestrator } from '../library.ts';
import { Crash, type Disk, type WritePoint } from './disk.ts';
import { environmentOf, type VirtualTime } from './virtual-time.ts';

/** The functions of an app, and how long they take. */
export interface SimulatedApp {
  readonly orchestrators: Readonly<Record<string, OrchestrationHandler>>;
  readonly entity: EntityHandler<unknown>;
  /** Runs an activity, or an HTTP request of `callHttp`; rejects when it fails. */
  activity(row: ActivityRow): Promise<unknown>;
  /** Waits for as long as an orchestrator or entity function takes; undefined when that is no time. */
  readonly think?: () => Promise<void> | undefined;
}

export interface ProcessOptions {
  readonly disk: Disk;
  readonly time: VirtualTime;
  readonly app: SimulatedApp;
  /** Told of every write; kills the process by `die`. */
  readonly onWrite?: (point: WritePoint, process: SimulatedProcess) => void;
  readonly onFatal: (error: unknown) => void;
  readonly maxConcurrentActivities?: number;
  readonly maxEntityOperationBatchSize?: number;
}

/** A new one each time: one for all would hold on to everybody who waits for it. */
const never = () => new Promise<never>(() => undefined);

/** One life of a host: the real engine and the real library, in virtual time, until it dies. */
export class SimulatedProcess {
  readonly engine: DurableEngine;
  /** Rejects when it dies. */
  readonly death: Promise<never>;
  #alive = true;
  #reject: (error: Crash) => void = () => undefined;

  constructor(options: ProcessOptions) {
    const { disk, time, app, onWrite, onFatal } = options;
    this.death = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.death.catch(() => undefined);
    const database = disk.connect((point) => {
      if (this.#alive) {
        onWrite?.(point, this);
      }
      if (!this.#alive) {
        throw new Crash();
      }
    });
    this.engine = new DurableEngine({
      database,
      protocol: this.#mortal(app),
      maxConcurrentActivities: options.maxConcurrentActivities ?? 4,
      maxEntityOperationBatchSize: options.maxEntityOperationBatchSize ?? 10,
      onFatal: (error) => {
        if (this.#alive) {
          onFatal(error);
        }
      },
      environment: environmentOf(time, () => this.#alive),
    });
    this.engine.start();
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** As `kill -9` does: from now on it does nothing, and what it was writing is undone by the next one. */
  die(): void {
    this.#alive = false;
    this.#reject(new Crash());
  }

  #mortal(app: SimulatedApp): DurableProtocol {
    const whileAlive = async <T>(run: () => Promise<T>): Promise<T> => {
      if (!this.#alive) {
        return never();
      }
      const result = await run();
      return this.#alive ? result : never();
    };
    const protocol = createProtocolV3({
      orchestrator: (name, payload) => {
        const story = app.orchestrators[name];
        return story === undefined
          ? Promise.reject(new Error(`no orchestrator ${name}`))
          : createOrchestrator(story)(JSON.parse(payload), {});
      },
      entity: (_name, payload) => createEntityFunction(app.entity)(JSON.parse(payload), {}),
      activity: () => Promise.reject(new Error('activities are run by their rows')),
    });
    const after = (thinking: Promise<void> | undefined) => thinking ?? Promise.resolve();
    return {
      ...protocol,
      runTurn: (turn) =>
        whileAlive(async () => {
          await after(app.think?.());
          return protocol.runTurn(turn);
        }),
      runEntity: (batch) =>
        whileAlive(async () => {
          await after(app.think?.());
          return protocol.runEntity(batch);
        }),
      runActivity: (activity) => whileAlive(() => outcomeOf(app, activity as ActivityRow)),
    };
  }
}

async function outcomeOf(app: SimulatedApp, row: ActivityRow): Promise<ActivityOutcome> {
  try {
    return { ok: true, result: JSON.stringify(await app.activity(row)) ?? null };
  } catch (error) {
    const { message } = error as Error;
    return { ok: false, reason: `Activity function '${row.name}' failed: ${message}`, details: message };
  }
}
