import type { Random } from '../protocol-v3/random.ts';
import type { Program, Step, TaskStep } from './program.ts';

export interface ProgramOptions {
  readonly instanceId: string;
  readonly steps: number;
  /** How deep children may go. */
  readonly depth: number;
  /** Whether it may talk to entities: not one that runs more than once, for its messages would then count twice. */
  readonly entities: boolean;
  readonly again: boolean;
}

const entityKeys = ['a', 'b', 'c'];

/** A program made by chance. */
export function randomProgram(random: Random, options: ProgramOptions): Program {
  const { instanceId, depth } = options;
  const sent: Record<string, number> = {};
  let made = 0;
  const name = () => `${instanceId}/${made++}`;

  /** A race leaves behind what lost it. Only what nobody else asks about may lose. */
  const racer = (): TaskStep => {
    const key = name();
    const kinds: TaskStep[] = [
      { do: 'activity', key },
      { do: 'fails', key },
      { do: 'timer', ms: 60_000 },
      { do: 'flaky', key, attempts: 3, fails: random(4) },
      { do: 'http', key, polls: random(3) },
    ];
    return kinds[random(kinds.length)] ?? { do: 'activity', key };
  };
  const task = (): TaskStep => {
    const key = name();
    switch (random(10)) {
      case 0:
        return { do: 'fails', key };
      case 1:
      case 2: {
        const attempts = 1 + random(4);
        return { do: 'flaky', key, attempts, fails: random(4) === 0 ? 1000 : random(attempts) };
      }
      case 3:
        return { do: 'timer', ms: [0, 1, 500, 3_600_000][random(4)] ?? 0 };
      case 4:
        return { do: 'event', name: key };
      case 5:
        return { do: 'http', key, polls: random(3) };
      case 6:
      case 7:
        return depth === 0 ? { do: 'activity', key } : child(key);
      case 8:
        return options.entities ? { do: 'call', ...message() } : { do: 'activity', key };
      default:
        return { do: 'activity', key };
    }
  };
  const child = (key: string): TaskStep => {
    const id = key.replaceAll('/', '-');
    const steps = 1 + random(3);
    return { do: 'child', id, program: randomProgram(random, { ...options, instanceId: id, steps, depth: depth - 1 }) };
  };
  const message = () => {
    const entity = entityKeys[random(entityKeys.length)] ?? '';
    const n = sent[entity] ?? 0;
    sent[entity] = n + 1;
    return { entity, n };
  };
  const step = (): Step => {
    switch (random(9)) {
      case 0:
      case 1:
        return { do: 'all', steps: Array.from({ length: 1 + random(5) }, task) };
      case 2:
        return { do: 'any', steps: Array.from({ length: 1 + random(3) }, racer) };
      case 3:
        return options.entities ? { do: 'signal', ...message() } : task();
      case 4: {
        const entities = entityKeys.filter(() => random(2) === 0);
        return options.entities && entities.length > 0 ? { do: 'locked', entities, key: name() } : task();
      }
      case 5:
        return options.again ? { do: 'again' } : task();
      default:
        return task();
    }
  };
  return Array.from({ length: options.steps }, step);
}
