import type { InstanceSummary } from '../engine/records.ts';
import type { HistoryEvent } from '../engine/types.ts';
import { toHistoryView } from './history-view.ts';
import { parseJson } from './json-text.ts';

export interface StatusOptions {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
}

const wholeSeconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The status of an instance as the management API gives it. */
export function toStatus(
  summary: InstanceSummary,
  options: StatusOptions,
  history: readonly HistoryEvent[] = [],
): object {
  return {
    name: summary.name,
    instanceId: summary.id,
    runtimeStatus: summary.status,
    input: options.showInput ? parseJson(summary.input) : null,
    customStatus: parseJson(summary.customStatus),
    output: parseJson(summary.output),
    createdTime: wholeSeconds(summary.createdAt),
    lastUpdatedTime: wholeSeconds(summary.updatedAt),
    ...(options.showHistory ? { historyEvents: toHistoryView(history, summary.input, options) } : {}),
  };
}
