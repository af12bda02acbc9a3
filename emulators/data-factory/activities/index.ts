import type { ActivityRunner } from '../engine/activity-context.ts';
import { ifCondition, switchCase } from './conditions.ts';
import { executePipeline } from './execute-pipeline.ts';
import { fail } from './fail.ts';
import { filter } from './filter.ts';
import { forEach } from './for-each.ts';
import { until } from './until.ts';
import { appendVariable, setVariable } from './variables.ts';
import { wait } from './wait.ts';
import { web } from './web.ts';

/** How activities of one type are run. */
export interface ActivityKind {
  readonly run: ActivityRunner;
  /** Steers the flow: it has no policy, so neither timeout nor retries. */
  readonly control?: boolean;
  /** Goes on after a crash under the same record, by its saved progress, instead of being repeated. */
  readonly resumable?: boolean;
}

// What talks to storage and databases brings large clients along; they are loaded when they are first needed.
const copy: ActivityRunner = async (context) => (await import('./copy/copy.ts')).copy(context);
const deleteFiles: ActivityRunner = async (context) => (await import('./delete-files.ts')).deleteFiles(context);
const getMetadata: ActivityRunner = async (context) => (await import('./get-metadata.ts')).getMetadata(context);
const lookup: ActivityRunner = async (context) => (await import('./lookup.ts')).lookup(context);
const script: ActivityRunner = async (context) => (await import('./script.ts')).script(context);
const storedProcedure: ActivityRunner = async (context) =>
  (await import('./stored-procedure.ts')).storedProcedure(context);

const KINDS: Readonly<Record<string, ActivityKind>> = {
  AppendVariable: { run: appendVariable, control: true },
  Copy: { run: copy },
  Delete: { run: deleteFiles },
  ExecutePipeline: { run: executePipeline, control: true, resumable: true },
  Fail: { run: fail, control: true },
  Filter: { run: filter, control: true },
  ForEach: { run: forEach, control: true, resumable: true },
  GetMetadata: { run: getMetadata },
  IfCondition: { run: ifCondition, control: true, resumable: true },
  Lookup: { run: lookup },
  Script: { run: script },
  SetVariable: { run: setVariable, control: true },
  SqlServerStoredProcedure: { run: storedProcedure },
  Switch: { run: switchCase, control: true, resumable: true },
  Until: { run: until, control: true, resumable: true },
  Wait: { run: wait, control: true, resumable: true },
  WebActivity: { run: web },
};

/** How an activity of this type is run; nothing if the emulator cannot. */
export function runnerOf(type: string): ActivityKind | undefined {
  return Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
}
