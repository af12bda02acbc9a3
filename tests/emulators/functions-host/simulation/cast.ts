import type { Random } from '../protocol-v3/random.ts';
import type { Program, Step, TaskStep } from './program.ts';
import { randomProgram } from './random-program.ts';

/** Who appears in one simulation: the programs of its orchestrations. */
export interface Cast {
  /** By instance id; what they tell and send can be foretold. */
  readonly steady: Readonly<Record<string, Program>>;
  /** Fails until it is mended, and is rewound. */
  readonly rewound: Program;
  /** Runs twice under one id. */
  readonly twice: Program;
}

export function castOf(random: Random): Cast {
  const program = (instanceId: string, steps: number, entities: boolean) =>
    randomProgram(random, { instanceId, steps, depth: 2, entities, again: entities });
  const steady: Record<string, Program> = {};
  for (let i = random(3); i >= 0; i--) {
    steady[`story-${i}`] = program(`story-${i}`, 2 + random(4), true);
  }
  const rewound: Program = [
    ...withoutEvents(program('rewound', random(3), false)),
    brokenStep(random, program),
    ...withoutEvents(program('rewound/after', random(2), false)),
  ];
  const twice = withoutEvents(program('twice', 1 + random(2), false));
  return { steady, rewound, twice };
}

/** A step that fails until it is mended: an activity, alone or beside others, or one of a child or grandchild. */
function brokenStep(random: Random, program: (id: string, steps: number, entities: boolean) => Program): Step {
  const mend: TaskStep = { do: 'mend', key: 'rewound/mend' };
  const child = (id: string, step: TaskStep): TaskStep => ({
    do: 'child',
    id,
    program: [...withoutEvents(program(`${id}/before`, random(2), false)), step],
  });
  switch (random(4)) {
    case 0:
      return mend;
    case 1:
      return child('rewound-child', child('rewound-grandchild', mend));
    case 2:
      return { do: 'all', steps: [child('rewound-child', mend), { do: 'activity', key: 'rewound/beside' }, mend] };
    default:
      return {
        do: 'all',
        steps: [
          { do: 'timer', ms: 500 },
          child('rewound-child', mend),
          child('rewound-sister', { do: 'flaky', key: 'rewound/flaky', fails: 1, attempts: 3 }),
        ],
      };
  }
}

/** Children keep their ids, and events their names, so that what runs again must not wait for them. */
function withoutEvents(program: Program): Program {
  return program.map((step) => {
    switch (step.do) {
      case 'event':
        return { do: 'activity', key: step.name };
      case 'child':
        return { ...step, program: withoutEvents(step.program) };
      case 'all':
      case 'any':
        return { ...step, steps: withoutEvents(step.steps) as typeof step.steps };
      default:
        return step;
    }
  });
}
