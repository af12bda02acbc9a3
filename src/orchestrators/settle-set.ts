import type { OrchestrationContext, Task } from 'durable-functions';
import type { SetRef } from '../activities/activities.ts';
import { callUntilDone } from './call-activity.ts';

/** A file of a set has landed: has the set go on if it is complete now. */
export function* settleSet(context: OrchestrationContext): Generator<Task, void, never> {
  const ref: SetRef = context.df.getInput();
  yield callUntilDone(context, 'settle-set', { ...ref, overdue: false });
}

/** Waits until a set's time has come, then has it go on, or end, as the contract wants it. */
export function* awaitSet(context: OrchestrationContext): Generator<Task, void, never> {
  const { deadline, ...ref }: SetRef & { readonly deadline: string } = context.df.getInput();
  yield context.df.createTimer(new Date(deadline));
  yield callUntilDone(context, 'settle-set', { ...ref, overdue: true });
}
