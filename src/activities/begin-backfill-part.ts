import type { DurableClient } from 'durable-functions';
import { type MadeEntry, readChosen, writeMade } from '../shared/backfill/backfill-documents.ts';
import { noteBackfill } from '../shared/backfill/note-backfill.ts';
import { driveArrival } from '../shared/ledger/admit-landed-file.ts';
import { enterReplay } from '../shared/quarantine/replay-files.ts';
import type { Services } from '../shared/services.ts';
import { mapSome } from '../shared/some-at-once.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

type Needs = Pick<Services, 'batchLimits' | 'datasets' | 'files' | 'lake' | 'runs' | 'telemetry'>;

const AT_ONCE = 16;
/** How many of the files that were left out are named. */
const MOST_NAMED = 20;

/**
 * Has the next files of a backfill read again, as many as one batch takes: enters them in the ledger, then tells the
 * intake, so that they are one batch. Repeating it finds the entries that it made.
 */
export function createBeginBackfillPart(app: Needs, durable: DurableClient): Activities['begin-backfill-part'] {
  return async ({ backfill, from, alone, progress }) => {
    const { id, dataset: name, contractVersion } = backfill;
    const record = await app.runs.get(name, id);
    if (record?.cancelRequested === true) return { stop: 'canceled', reason: 'It was cancelled on request.' };
    const dataset = datasetOf(app.datasets, backfill);
    if (dataset.version !== contractVersion) {
      const reason = `The contract is ${dataset.version} by now, ${contractVersion} was previewed. Preview it again.`;
      return { stop: 'failed', reason };
    }
    const next = alone ? from + 1 : from + app.batchLimits.files;
    const chosen = (await readChosen(app.lake, backfill)).slice(from, next);
    const versions = await app.files.versionsOf(
      name,
      chosen.map(({ path }) => path),
    );
    const plans = await mapSome(chosen, AT_ONCE, async (file) => ({
      file,
      plan: await enterReplay(app, dataset, file.path, { backfill: id, known: versions.get(file.path) ?? [] }),
    }));
    const made: MadeEntry[] = [];
    const leftOut: { readonly path: string; readonly reason: string }[] = [];
    for (const { file, plan } of plans) {
      if (plan.kind === 'left out') leftOut.push({ path: file.path, reason: plan.reason });
      else made.push({ id: plan.entry.id, file });
    }
    const waiting = plans.find(({ plan }) => plan.kind !== 'left out' && plan.entry.status === 'arrived')?.plan;
    if (waiting !== undefined && waiting.kind !== 'left out') await driveArrival(durable, waiting.entry);
    if (leftOut.length > 0) {
      const named = [...(record?.backfill?.leftOut ?? []), ...leftOut].slice(0, MOST_NAMED);
      await noteBackfill(app, backfill, { leftOut: named });
    }
    return {
      entries: await writeMade(app.lake, backfill, from, made),
      next,
      progress: { ...progress, leftOut: progress.leftOut + leftOut.length },
    };
  };
}
