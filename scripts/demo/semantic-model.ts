import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricAnswer } from '../../src/shared/semantic-model/metric-reader.ts';
import type { ApiClient, ApiRun } from '../api-client.ts';
import { table } from './report.ts';

const NAMES: Readonly<Record<string, string>> = {
  'power-bi': 'Power BI',
  'analysis-services': 'Analysis Services',
};
const POLL_MILLISECONDS = 100;

/** Whether a step is a refresh of the semantic model, which this file tells of. */
export function isRefresh(step: string): boolean {
  return step.startsWith('refresh-');
}

/**
 * Waits until the semantic model has been refreshed for all that was published, and tells of each refresh, which may be
 * for several batches. @throws Error when one failed, or when it takes too long
 */
export async function followRefreshes(
  api: ApiClient,
  datasets: readonly string[],
  say: (line: string) => void,
  withinSeconds = 120,
): Promise<void> {
  const { services } = await api.get<{ services: readonly string[] }>('/metrics');
  const until = Date.now() + withinSeconds * 1000;
  while (true) {
    const runs = (await Promise.all(datasets.map((dataset) => api.all<ApiRun>(`/runs?dataset=${dataset}`)))).flat();
    const shown = runs.filter(({ status, steps }) => status === 'succeeded' && steps.publish !== undefined);
    const open = shown.filter(({ steps }) =>
      services.some((service) => steps[`refresh-${service}`]?.endedAt === undefined),
    );
    if (open.length === 0) {
      for (const line of services.flatMap((service) => refreshLines(service, shown))) say(line);
      return;
    }
    if (Date.now() > until)
      throw new Error(`The model was not refreshed for ${open.map(({ id }) => id).join(', ')} in ${withinSeconds} s.`);
    await sleep(POLL_MILLISECONDS);
  }
}

function refreshLines(service: string, runs: readonly ApiRun[]): string[] {
  const refreshes = Map.groupBy(runs, ({ steps }) => steps[`refresh-${service}`]?.startedAt ?? '');
  return [...refreshes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, together]) => {
      const step = together[0]?.steps[`refresh-${service}`];
      const error = together.map(({ steps }) => steps[`refresh-${service}`]?.error).find((text) => text !== undefined);
      if (error !== undefined) throw new Error(`${NAMES[service] ?? service} could not be refreshed: ${error}`);
      const batches = together.map(({ id }) => id).sort();
      return `  ${(NAMES[service] ?? service).padEnd(35)} refreshed ${`${(step?.seconds ?? 0).toFixed(2)} s`.padStart(8)}  for ${batches.join(', ')}`;
    });
}

/** Asks the semantic model what a report would, and prints the answer as a table. */
export async function showMetrics(api: ApiClient, say: (line: string) => void): Promise<MetricAnswer> {
  const question = {
    measures: ['Flights', 'Cancellation Rate', 'Late Share', 'Predicted Late Risk'],
    by: ['Date[Quarter]', 'Origin[Origin Code]'],
    filters: [{ column: 'Date[Year]', values: [2013] }],
  };
  const answer = await api.post<MetricAnswer>('/metrics/query', question);
  const versions = Object.entries(answer.versions).map(([dataset, version]) => `${dataset} ${version}`);
  say(`\n  ${question.measures.join(', ')} by ${question.by.join(', ')}  (versions: ${versions.join(', ')})`);
  const names = answer.columns.map(({ name }) => name);
  const items = answer.rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', value])));
  for (const line of table({ items }, names, 6)) say(line);
  return answer;
}
