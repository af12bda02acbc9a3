/**
 * What a random orchestration does. Its outcome follows from the program alone, whatever the order in which things
 * complete and however often it is interrupted: that is what every run is compared with.
 */
export type Program = readonly Step[];

export type Step =
  | TaskStep
  | { readonly do: 'all' | 'any'; readonly steps: readonly TaskStep[] }
  | { readonly do: 'signal'; readonly entity: string; readonly n: number }
  /** Reads, waits and writes under a lock: without mutual exclusion an increment is lost. */
  | { readonly do: 'locked'; readonly entities: readonly string[]; readonly key: string }
  /** Continues as new with the steps that are left. */
  | { readonly do: 'again' };

/** Steps that are one task, and can be awaited together. */
export type TaskStep =
  | { readonly do: 'activity' | 'fails'; readonly key: string }
  /** An activity that fails until somebody mends it; the failure ends all that waits for it, which is then rewound. */
  | { readonly do: 'mend'; readonly key: string }
  /** Fails that many times; it is tried at most that many. */
  | { readonly do: 'flaky'; readonly key: string; readonly fails: number; readonly attempts: number }
  | { readonly do: 'child'; readonly id: string | null; readonly program: Program }
  | { readonly do: 'timer'; readonly ms: number }
  | { readonly do: 'event'; readonly name: string }
  /** `n` counts what its orchestration has sent to this entity before. */
  | { readonly do: 'call'; readonly entity: string; readonly n: number }
  /** An HTTP request that is answered 202 that many times first. */
  | { readonly do: 'http'; readonly key: string; readonly polls: number };

export type Told = string | number | readonly Told[];

/** Whether a step fails until somebody mends what is in it. */
export function wantsMending(step: Step): boolean {
  switch (step.do) {
    case 'mend':
      return true;
    case 'child':
      return step.program.some(wantsMending);
    case 'all':
      return step.steps.some(wantsMending);
    default:
      return false;
  }
}

/** What the orchestration of a program returns. */
export function outcomeOf(program: Program): readonly Told[] {
  return program.filter((step) => step.do !== 'again').map(outcomeOfStep);
}

function outcomeOfStep(step: Step): Told {
  switch (step.do) {
    case 'activity':
    case 'http':
    case 'mend':
      return step.key;
    case 'flaky':
      return step.fails < step.attempts ? step.key : 'failed';
    case 'fails':
      return 'failed';
    case 'child':
      return outcomeOf(step.program);
    case 'timer':
      return 'in time';
    case 'event':
      return step.name;
    case 'call':
      return step.n + 1;
    case 'signal':
      return 'sent';
    case 'locked':
      return 'locked';
    case 'all': {
      const outcomes = step.steps.map(outcomeOfStep);
      return outcomes.includes('failed') ? 'failed' : outcomes;
    }
    case 'any':
      return 'raced';
    case 'again':
      throw new RangeError('starting over has no outcome');
  }
}

/** Every step with the orchestration and the round of continue-as-new that it belongs to. */
export function* stepsOf(
  instanceId: string,
  program: Program,
): Generator<{ instanceId: string; round: number; step: Step }> {
  let round = 0;
  for (const step of program) {
    round += step.do === 'again' ? 1 : 0;
    const parts = step.do === 'all' || step.do === 'any' ? step.steps : [step];
    for (const part of parts) {
      yield { instanceId, round, step: part };
      if (part.do === 'child') {
        yield* stepsOf(part.id ?? `a child of ${instanceId}`, part.program);
      }
    }
  }
}

/** What an entity holds: for each orchestration the numbers of its messages in order of arrival, and a counter. */
export interface EntityState {
  readonly heard: Readonly<Record<string, readonly number[]>>;
  readonly counter: number;
}

/** What the entities hold when all programs are done, by key. */
export function entitiesAfter(programs: Readonly<Record<string, Program>>): Record<string, EntityState> {
  const states: Record<string, { heard: Record<string, number[]>; counter: number }> = {};
  const state = (key: string) => {
    states[key] ??= { heard: {}, counter: 0 };
    return states[key];
  };
  for (const [id, program] of Object.entries(programs)) {
    for (const { instanceId, step } of stepsOf(id, program)) {
      if (step.do === 'signal' || step.do === 'call') {
        const { heard } = state(step.entity);
        heard[instanceId] = [...(heard[instanceId] ?? []), step.n];
      } else if (step.do === 'locked') {
        state(step.entities[0] ?? '').counter++;
      }
    }
  }
  return states;
}
