import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, EMPTY_INTAKE, type IntakeState, operate } from '../../src/entities/intake.ts';
import type { Batch } from '../../src/shared/ledger/batch.ts';

const DATASET = 'flights';

type FileState = 'arrived' | 'taken' | 'published' | 'failed';

/** What goes on around an intake: files arrive, are announced late or twice, drivers die, batches fail and are resumed. */
class World {
  readonly files = new Map<number, { state: FileState; batches: string[] }>();
  readonly refreshes = { wished: 0, done: 0 };
  readonly ended = new Map<string, { batch: Batch; published: boolean }>();
  readonly #limit: number;
  #intake: IntakeState = EMPTY_INTAKE;
  /** News that are on their way: of files, or wishes. */
  #news: { refresh?: string }[] = [];
  /** The batch that a driver has in its hands, whether it has gathered its files, and whether its books are closed. */
  #driving: { batch: Batch; gathered: readonly number[] | undefined; more: boolean; unused?: boolean } | undefined;
  #drivers = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  arrive(): void {
    this.files.set(this.files.size, { state: 'arrived', batches: [] });
    this.#news.push({});
  }

  wish(): void {
    this.refreshes.wished++;
    this.#news.push({ refresh: 'a reference changed' });
  }

  /** One of the news reaches the intake, and maybe once more later. */
  tell(index: number, twice: boolean): void {
    const [news] = this.#news.splice(index % Math.max(1, this.#news.length), 1);
    if (news === undefined) return;
    if (twice) this.#news.push(news);
    this.#ask('admit', { ...news, driver: `driver-${this.#drivers++}` });
  }

  /** The driver takes what has arrived, as the activity `gather-files` does. */
  gather(): void {
    const driving = this.#driving;
    if (driving === undefined || driving.gathered !== undefined) return;
    if (driving.batch.refresh !== undefined) {
      driving.gathered = [];
      return;
    }
    const arrived = [...this.files].filter(([, { state }]) => state === 'arrived').map(([file]) => file);
    driving.gathered = arrived.slice(0, this.#limit);
    driving.more = arrived.length > this.#limit;
    for (const file of driving.gathered) {
      const record = this.files.get(file);
      record?.batches.push(driving.batch.id);
      if (record !== undefined) record.state = 'taken';
    }
  }

  end(published: boolean): void {
    this.close(published);
    const driving = this.#driving;
    if (driving === undefined) return;
    this.#driving = undefined;
    this.#ask('finish', { batch: driving.batch.id, more: driving.more, unused: driving.unused });
  }

  /** Closes the books of a batch, which its driver has yet to tell. */
  close(published: boolean): void {
    this.gather();
    const driving = this.#driving;
    if (driving?.gathered === undefined || driving.unused !== undefined) return;
    const { batch, gathered } = driving;
    for (const file of gathered) {
      const record = this.files.get(file);
      if (record !== undefined) record.state = published ? 'published' : 'failed';
    }
    const unused = batch.refresh === undefined && gathered.length === 0 && batch.resumes === undefined;
    if (!unused) this.ended.set(batch.id, { batch, published });
    if (batch.refresh !== undefined && published) this.refreshes.done++;
    driving.unused = unused;
  }

  /** The driver is terminated, and another one takes the batch over: what was gathered is written down. */
  replaceDriver(): void {
    const driving = this.#driving;
    if (driving === undefined) return;
    this.#driving = undefined;
    this.#ask('take-over', { batch: driving.batch.id, driver: `driver-${this.#drivers++}` });
    if (this.#driving !== undefined) this.#driving = driving;
  }

  /** A batch that failed is taken up again; its files arrive once more. */
  resume(index: number): void {
    const failed = [...this.ended.values()].filter(({ batch, published }) => !published && batch.refresh === undefined);
    const again = failed[index % Math.max(1, failed.length)];
    if (again === undefined) return;
    for (const record of this.files.values())
      if (record.state === 'failed' && record.batches.at(-1) === again.batch.id) record.state = 'arrived';
    const batch = { ...again.batch, resumes: (again.batch.resumes ?? 0) + 1 };
    this.#ask('resume', { batch, inPlace: true, driver: `driver-${this.#drivers++}` });
  }

  /** Everything that is under way comes to its end. */
  settle(): void {
    for (let left = 10_000; left > 0; left--) {
      if (this.#driving !== undefined) this.end(true);
      else if (this.#news.length > 0) this.tell(0, false);
      else return;
    }
    throw new Error('it never comes to an end');
  }

  #ask(operation: string, input: object): void {
    let { state, answer } = operate(DATASET, this.#intake, operation, input);
    if (answer.asksForNumber) {
      const lastNumber = Math.max(0, ...[...this.ended.values()].map(({ batch }) => batch.number));
      ({ state, answer } = operate(DATASET, this.#intake, operation, { ...input, lastNumber }));
    }
    this.#intake = state;
    this.#drive(answer);
  }

  #drive({ batch }: Answer): void {
    if (batch === null) return;
    if (this.#driving !== undefined) throw new Error(`${batch.id} begins while ${this.#driving.batch.id} runs`);
    this.#driving = { batch, gathered: undefined, more: false };
  }
}

const action = fc.oneof(
  { weight: 4, arbitrary: fc.constant((world: World) => world.arrive()) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.wish()) },
  {
    weight: 9,
    arbitrary: fc.tuple(fc.nat(9), fc.boolean()).map(
      ([at, twice]) =>
        (world: World) =>
          world.tell(at, twice),
    ),
  },
  { weight: 2, arbitrary: fc.constant((world: World) => world.gather()) },
  { weight: 3, arbitrary: fc.boolean().map((good) => (world: World) => world.end(good)) },
  { weight: 1, arbitrary: fc.boolean().map((good) => (world: World) => world.close(good)) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.replaceDriver()) },
  { weight: 1, arbitrary: fc.nat(5).map((index) => (world: World) => world.resume(index)) },
);

test('whatever happens, one batch runs at a time, and each file ends in one, once for each time that it arrived', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(action, { maxLength: 60, size: 'max' }), (limit, actions) => {
      const world = new World(limit);
      for (const act of actions) act(world);
      world.settle();
      for (const { state, batches } of world.files.values()) {
        expect(state === 'published' || state === 'failed').toBe(true);
        expect(batches.length).toBeGreaterThan(0);
        if (state === 'published')
          expect(batches.filter((id) => world.ended.get(id)?.published)).toContain(batches.at(-1));
      }
      const numbers = [...world.ended.values()].map(({ batch }) => batch.number).toSorted((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      if (world.refreshes.wished > 0 && [...world.ended.values()].every(({ published }) => published))
        expect(world.refreshes.done).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
