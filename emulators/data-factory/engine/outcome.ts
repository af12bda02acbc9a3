import type { Activity, DependencyCondition } from '../definitions/pipeline.ts';

/** How an activity ended. */
export type Ending = 'Succeeded' | 'Failed' | 'Skipped' | 'Cancelled';

/** Whether an activity may start: every dependency must meet one of its conditions. */
export function mayStart(activity: Activity, endings: ReadonlyMap<string, Ending>): boolean {
  return activity.dependsOn.every(({ activity: upstream, conditions }) =>
    conditions.some((condition) => meets(endings.get(upstream), condition)),
  );
}

function meets(ending: Ending | undefined, condition: DependencyCondition): boolean {
  if (condition === 'Completed') return ending === 'Succeeded' || ending === 'Failed';
  return ending === condition;
}

/**
 * The activity that fails a scope, if any. The leaves decide; one that was skipped is replaced by what it depended on.
 * So a failure that something handled does not count, one that nothing followed does.
 */
export function decisiveFailure(
  activities: readonly Activity[],
  endings: ReadonlyMap<string, Ending>,
): Activity | undefined {
  const byName = new Map(activities.map((activity) => [activity.name, activity]));
  const followed = new Set(activities.flatMap(({ dependsOn }) => dependsOn.map(({ activity }) => activity)));
  const blamed = new Set<string>();
  const seen = new Set<string>();
  const visit = (activity: Activity): void => {
    if (seen.has(activity.name)) return;
    seen.add(activity.name);
    const ending = endings.get(activity.name);
    if (ending === 'Failed') blamed.add(activity.name);
    if (ending !== 'Skipped') return;
    for (const dependency of activity.dependsOn) {
      const upstream = byName.get(dependency.activity);
      if (upstream !== undefined) visit(upstream);
    }
  };
  for (const activity of activities) if (!followed.has(activity.name)) visit(activity);
  return activities.find(({ name }) => blamed.has(name));
}
