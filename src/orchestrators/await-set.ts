import type { OrchestrationContext, Task } from 'durable-functions';
import type { SetRef } from '../activities/activities.ts';
import { callUntilDone } from './call-activity.ts';

/** A set of files, and when its time has come. */
export interface WaitingSet extends SetRef {
  readonly deadline: string;
}

/** Waits until a set's time has come, then has it go on, or end, as the contract wants it. */
export function* awaitSet(context: OrchestrationContext): Generator<Task, void, never> {
  const { deadline, ...ref }: WaitingSet = context.df.getInput();
  yield context.df.createTimer(new Date(deadline));
  yield callUntilDone(context, 'settle-set', { ...ref, overdue: true });
}
