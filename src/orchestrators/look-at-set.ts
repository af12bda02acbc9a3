import type { OrchestrationContext, Task } from 'durable-functions';
import type { SetRef } from '../activities/activities.ts';
import { callUntilDone } from './call-activity.ts';

/** A file of a set has landed: has the set go on if it is complete now. */
export function* lookAtSet(context: OrchestrationContext): Generator<Task, void, never> {
  const ref: SetRef = context.df.getInput();
  yield callUntilDone(context, 'settle-set', { ...ref, overdue: false });
}
