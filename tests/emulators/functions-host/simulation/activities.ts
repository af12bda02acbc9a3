import type { StatementSync } from 'node:sqlite';
import type { ActivityRow } from '../../../../emulators/functions-host/engine/records.ts';
import type { Random } from '../protocol-v3/random.ts';
import type { Disk } from './disk.ts';
import { Violation } from './invariants.ts';
import { hasResult } from './recorded-results.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The world that activities act upon. It outlives the host, and remembers all that was ever run. */
export class Activities {
  runs = 0;
  /** How often an activity ran that had run before: its result was lost with a crash. */
  reruns = 0;
  readonly #disk: Disk;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #isFaulty: boolean;
  readonly #seen = new Set<string>();
  readonly #attempts = new Map<string, { readonly tasks: string[]; readonly fails: number }>();
  readonly #mended = new Set<string>();
  readonly #findRow: StatementSync;
  readonly #onViolation: (violation: Violation) => void;

  constructor(
    disk: Disk,
    time: VirtualTime,
    random: Random,
    isFaulty: boolean,
    onViolation: (violation: Violation) => void,
  ) {
    this.#disk = disk;
    this.#time = time;
    this.#random = random;
    this.#isFaulty = isFaulty;
    this.#findRow = disk.database.prepare('SELECT 1 FROM activities WHERE seq = ? AND task_id = ?');
    this.#onViolation = onViolation;
  }

  mend(key: string): void {
    this.#mended.add(key);
  }

  async run(row: ActivityRow): Promise<unknown> {
    const task = `${row.instanceId} ${row.executionId} ${row.taskId}`;
    this.#checkStart(row, task);
    this.#seen.add(task);
    this.runs++;
    const input = JSON.parse(row.input ?? 'null') as unknown;
    const result = this.#decide(row.name, input, task);
    if (this.#isFaulty && this.#random(3) > 0) {
      await this.#time.sleep([1, 20, 1000, 7_200_000][this.#random(4)] ?? 0);
    }
    return result();
  }

  #checkStart(row: ActivityRow, task: string): void {
    const { database } = this.#disk;
    const onDisk = this.#findRow.get(row.seq, row.taskId);
    if (this.#seen.has(task)) {
      this.reruns++;
      if (hasResult(database, row)) {
        this.#onViolation(new Violation('no activity with a recorded result runs again', task));
      }
    } else if (onDisk === undefined || database.isTransaction) {
      this.#onViolation(new Violation('activities start after the commit', task));
    }
  }

  /** What comes of it. The same attempt always comes out the same, however often it is run. */
  #decide(name: string, input: unknown, task: string): () => unknown {
    switch (name) {
      case 'work':
        return () => input;
      case 'flaky': {
        const { key, fails, attempts } = input as { key: string; fails: number; attempts: number };
        return this.#attempt(key, fails, attempts, task) ? () => key : failing('not this time');
      }
      case 'mend':
        return this.#mended.has(String(input)) ? () => input : failing('it wants mending');
      case 'BuiltIn::HttpActivity':
        return () => answer((input as { uri: string }).uri);
      default:
        return failing('it always fails');
    }
  }

  /** Whether this attempt succeeds; where it does in the end, faults may cost it more attempts than it should. */
  #attempt(key: string, fails: number, attempts: number, task: string): boolean {
    const least = this.#isFaulty && fails < attempts ? fails + this.#random(attempts - fails) : fails;
    const known = this.#attempts.get(key) ?? { tasks: [], fails: least };
    this.#attempts.set(key, known);
    if (!known.tasks.includes(task)) {
      known.tasks.push(task);
    }
    return known.tasks.indexOf(task) >= known.fails;
  }
}

function failing(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

/** A service that answers 202 as often as its URL says. */
function answer(uri: string) {
  const url = new URL(uri);
  const polls = Number(url.searchParams.get('polls'));
  if (polls === 0) {
    return { statusCode: 200, headers: {}, content: url.pathname.slice(1) };
  }
  const location = `${url.pathname}?polls=${polls - 1}`;
  return { statusCode: 202, headers: { location, 'retry-after': '1' }, content: '' };
}
