import type { FileRecord, RowCounts } from '../ledger/file-record.ts';
import type { CanaryOutcome } from './backfill.ts';

/**
 * Judges what became of the canary: it fails when it was not published, and when the share of its rows that are refused
 * grew by more than the limit.
 * @param before the entry whose place it took
 */
export function judgeCanary(
  before: FileRecord | undefined,
  entry: FileRecord | undefined,
  path: string,
  limit: number,
): CanaryOutcome {
  const rules = rulesOf(before, entry);
  const books = {
    ...(before?.rows === undefined ? {} : { before: before.rows }),
    ...(entry?.rows === undefined ? {} : { after: entry.rows }),
  };
  const outcome = (passed: boolean, reason: string): CanaryOutcome => ({ path, passed, reason, ...books, rules });
  if (entry === undefined) return outcome(false, 'It was left out: see why in leftOut.');
  if (entry.status === 'failed' || entry.status === 'rejected')
    return outcome(false, `It ended as ${entry.status}: ${entry.reason ?? 'no reason is known'}`);
  const [was, is] = [shareOf(before?.rows), shareOf(entry.rows)];
  const told = `${percent(was)} of its rows were refused before, ${percent(is)} are now`;
  if (is - was > limit) return outcome(false, `${told}: that is more than ${percent(limit)} more.`);
  return outcome(true, `${told}.`);
}

function shareOf(rows: RowCounts | undefined): number {
  return rows === undefined || rows.read === 0 ? 0 : rows.quarantined / rows.read;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function rulesOf(before: FileRecord | undefined, after: FileRecord | undefined): CanaryOutcome['rules'] {
  const count = (entry: FileRecord | undefined, rule: string): number =>
    entry?.reasons?.find((reason) => reason.rule === rule)?.rows ?? 0;
  const names = new Set([...(before?.reasons ?? []), ...(after?.reasons ?? [])].map(({ rule }) => rule));
  return [...names].sort().map((rule) => ({ rule, before: count(before, rule), after: count(after, rule) }));
}
