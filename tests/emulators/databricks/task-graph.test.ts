import { describe, expect, test } from '@jest/globals';
import { type RunIf, readJobSpec } from '../../../emulators/databricks/domain/job-settings.ts';
import type { RunState } from '../../../emulators/databricks/domain/records.ts';
import { CANCELED, failed, notStarted, RUNNING, SUCCEEDED } from '../../../emulators/databricks/domain/run-states.ts';
import { dependents, unblock } from '../../../emulators/databricks/domain/task-graph.ts';
import { wheelTask } from './workspace.ts';

const task = (key: string, upstream: string[] = [], runIf: RunIf = 'ALL_SUCCESS') => ({
  ...wheelTask('count', [], { depends_on: upstream.map((each) => ({ task_key: each })), run_if: runIf }),
  task_key: key,
});
const FAILED = failed('broken');
const EXCLUDED = notStarted('EXCLUDED', '');
const UPSTREAM_CANCELED = notStarted('UPSTREAM_CANCELED', '');

describe('a blocked task', () => {
  const outcome = (runIf: RunIf, upstream: RunState[]) => {
    const [spec] = readJobSpec({ tasks: [task('t', [], runIf)] }).tasks;
    const state = spec && unblock(spec, upstream);
    return state?.result ?? state?.lifeCycle;
  };
  const table: [RunIf, RunState[], string | undefined][] = [
    ['ALL_SUCCESS', [SUCCEEDED, RUNNING], undefined],
    ['ALL_SUCCESS', [SUCCEEDED, EXCLUDED], 'PENDING'],
    ['ALL_SUCCESS', [SUCCEEDED, FAILED], 'UPSTREAM_FAILED'],
    ['ALL_SUCCESS', [SUCCEEDED, CANCELED], 'UPSTREAM_CANCELED'],
    ['ALL_SUCCESS', [UPSTREAM_CANCELED, FAILED], 'UPSTREAM_FAILED'],
    ['ALL_SUCCESS', [EXCLUDED, EXCLUDED], 'EXCLUDED'],
    ['NONE_FAILED', [EXCLUDED, SUCCEEDED], 'PENDING'],
    ['NONE_FAILED', [EXCLUDED, FAILED], 'UPSTREAM_FAILED'],
    ['ALL_DONE', [FAILED, CANCELED], 'PENDING'],
    ['AT_LEAST_ONE_SUCCESS', [FAILED, SUCCEEDED], 'PENDING'],
    ['AT_LEAST_ONE_SUCCESS', [FAILED, FAILED], 'UPSTREAM_FAILED'],
    ['ALL_FAILED', [FAILED, FAILED], 'PENDING'],
    ['ALL_FAILED', [FAILED, SUCCEEDED], 'EXCLUDED'],
    ['AT_LEAST_ONE_FAILED', [FAILED, SUCCEEDED], 'PENDING'],
    ['AT_LEAST_ONE_FAILED', [SUCCEEDED, SUCCEEDED], 'EXCLUDED'],
  ];
  for (const [runIf, upstream, expected] of table) {
    const ends = upstream.map((state) => state.result ?? state.lifeCycle).join(' and ');
    test(`with ${runIf} after ${ends} ${expected ? `becomes ${expected}` : 'waits on'}`, () => {
      expect(outcome(runIf, upstream)).toBe(expected);
    });
  }
});

test('dependents are followed however far they are', () => {
  const { tasks } = readJobSpec({ tasks: [task('c', ['b']), task('b', ['a']), task('a'), task('d')] });
  expect([...dependents(tasks, ['a'])].sort()).toEqual(['a', 'b', 'c']);
});
