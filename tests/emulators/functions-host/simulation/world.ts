import type { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { isTerminal, type RuntimeStatus } from '../../../../emulators/functions-host/engine/types.ts';
import type { Random } from '../protocol-v3/random.ts';
import { Activities } from './activities.ts';
import { Crash, Disk } from './disk.ts';
import { checkDisk, type Invariant, Violation } from './invariants.ts';
import { SimulatedProcess } from './process.ts';
import { notes, story } from './story.ts';
import { settled, VirtualTime } from './virtual-time.ts';

const dayMs = 86_400_000;

export interface WorldOptions {
  readonly random: Random;
  /** Whether anything goes wrong: crashes, slow functions, failures beyond the planned ones, another order. */
  readonly isFaulty: boolean;
}

/** A host that dies and is started again over one disk, the world that its activities act upon, and its clients. */
export class World {
  readonly time: VirtualTime;
  readonly disk = new Disk();
  readonly activities: Activities;
  readonly #random: Random;
  readonly #isFaulty: boolean;
  #process: SimulatedProcess;
  #lives = 1;
  #isDown = false;
  #crashesLeft: number;
  #writesLeft = Number.POSITIVE_INFINITY;
  #violation: Violation | undefined;
  readonly #clientsAtWork = new Set<string>();

  constructor({ random, isFaulty }: WorldOptions) {
    this.#random = random;
    this.#isFaulty = isFaulty;
    this.#crashesLeft = isFaulty ? random(5) : 0;
    this.time = new VirtualTime(isFaulty ? { choose: random } : {});
    this.activities = new Activities(this.disk, this.time, random, isFaulty, (violation) => this.#report(violation));
    this.#process = this.#start();
  }

  /** How many processes there were. */
  get lives(): number {
    return this.#lives;
  }

  /** Asks the host, and asks again when it dies before it has answered. */
  async ask<T>(question: (engine: DurableEngine) => Promise<T> | T): Promise<T> {
    for (;;) {
      const process = this.#process;
      try {
        return await Promise.race([Promise.resolve().then(() => question(process.engine)), process.death]);
      } catch (error) {
        if (!(error instanceof Crash)) {
          throw error;
        }
        while (!this.#process.isAlive) {
          await this.time.sleep(1000);
        }
      }
    }
  }

  /** Asks now and then, ever more rarely, until the answer is there. */
  async eventually<T>(question: (engine: DurableEngine) => Promise<T | undefined> | T | undefined): Promise<T> {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 1.5, dayMs)) {
      const answer = await this.ask(question);
      if (answer !== undefined) {
        return answer;
      }
      await this.time.sleep(waitMs);
    }
  }

  /** Lets a client do its part, `what` in words. */
  join(what: string, client: () => Promise<void>): void {
    this.#clientsAtWork.add(what);
    client().then(
      () => void this.#clientsAtWork.delete(what),
      (error: unknown) => this.#report(error),
    );
  }

  /** A while, at random. */
  async pause(): Promise<void> {
    if (this.#isFaulty) {
      await this.time.sleep([0, 0, 10, 500, 60_000][this.#random(5)] ?? 0);
    }
  }

  expect(condition: boolean, invariant: Invariant, detail: () => string): void {
    if (!condition) {
      this.#report(new Violation(invariant, detail()));
    }
  }

  /** Runs until the clients are done, and as long after that as activities which nobody waits for may take. */
  async run(): Promise<void> {
    await settled();
    let end = this.time.now + 90 * dayMs;
    let isDone = false;
    for (let steps = 0; this.time.now < end && (await this.#step()); steps++) {
      this.throwIfViolated();
      if (!isDone && this.#clientsAtWork.size === 0) {
        isDone = true;
        end = this.time.now + 30 * dayMs;
      }
      if (steps === 100_000) {
        break;
      }
    }
    this.expect(isDone, 'every instance reaches its end', () => this.#unfinished());
    this.throwIfViolated();
  }

  throwIfViolated(): void {
    if (this.#violation !== undefined) {
      throw this.#violation;
    }
  }

  async #step(): Promise<boolean> {
    if (this.#crashesLeft > 0 && !this.#isDown && this.#random(200) === 0) {
      this.#kill();
    }
    try {
      return await this.time.step();
    } catch (error) {
      if (!(error instanceof Crash)) {
        this.#report(error);
      }
      return true;
    } finally {
      if (!this.#process.isAlive && !this.#isDown) {
        this.#restart();
      }
    }
  }

  #start(): SimulatedProcess {
    this.#writesLeft = this.#crashesLeft > 0 ? 1 + this.#random(80) : Number.POSITIVE_INFINITY;
    return new SimulatedProcess({
      disk: this.disk,
      time: this.time,
      app: {
        orchestrators: { story },
        entity: notes,
        activity: (row) => this.activities.run(row),
        think: () => (this.#isFaulty && this.#random(8) === 0 ? this.time.sleep(1 + this.#random(50)) : undefined),
      },
      onWrite: () => {
        if (--this.#writesLeft <= 0) {
          this.#kill();
        }
      },
      onFatal: (error) =>
        this.#report(error instanceof Violation ? error : new Violation('the engine does not fail', String(error))),
      maxConcurrentActivities: this.#isFaulty ? 1 + this.#random(8) : 8,
      maxEntityOperationBatchSize: this.#isFaulty ? 1 + this.#random(4) : 10,
    });
  }

  #kill(): void {
    this.#crashesLeft--;
    this.#process.die();
  }

  /** After a while, another process goes on from the disk. */
  #restart(): void {
    this.#isDown = true;
    this.disk.rollBack();
    this.#check(() => checkDisk(this.disk.dump()));
    this.time.after([0, 0, 100, 600_000][this.#random(4)] ?? 0, () => {
      this.#isDown = false;
      this.#lives++;
      this.#process = this.#start();
    });
  }

  #check(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    this.#violation ??= error instanceof Violation ? error : new Violation('the engine does not fail', stackOf(error));
  }

  #unfinished(): string {
    const alive = this.disk.dump().instances.filter(({ status }) => !isTerminal(status as RuntimeStatus));
    return `${alive.map(({ id, status }) => `${id} is ${status}`).join(', ')}; clients: ${[...this.#clientsAtWork].join(', ')}`;
  }
}

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
