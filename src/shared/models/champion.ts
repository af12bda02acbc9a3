import { isRecord } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import { lakePaths } from '../lake/paths.ts';
import { CONTAINERS } from '../names.ts';

/** The model in use, as the train job describes it beside the copy that scores. */
export interface Champion {
  readonly version: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  /** Times between which its rows lie, and where training ends and the holdout begins. */
  readonly window: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  readonly contractVersion?: string;
  readonly trainedBy?: string;
}

/** The champion's version by the pointer in the lake, which the jobs move; undefined when there is none. */
export async function championVersion(lake: Lake, dataset: string, model: string): Promise<string | undefined> {
  const pointer = await lake.findJson(CONTAINERS.lake, lakePaths.champion(dataset, model));
  return isRecord(pointer) && typeof pointer.version === 'string' ? pointer.version : undefined;
}

/** The champion with what its card says of it; undefined when there is none. */
export async function readChampion(lake: Lake, dataset: string, model: string): Promise<Champion | undefined> {
  const version = await championVersion(lake, dataset, model);
  if (version === undefined) return undefined;
  const found = await lake.findJson(CONTAINERS.lake, lakePaths.modelCard(dataset, model, version));
  const card = isRecord(found) ? found : {};
  return {
    version,
    metrics: entriesOf(card.metrics, isNumber),
    rows: entriesOf(card.rows, isNumber),
    window: entriesOf(card.window, isText),
    features: Array.isArray(card.features) ? card.features.filter(isText) : [],
    ...(isText(card.contract_version) ? { contractVersion: card.contract_version } : {}),
    ...(isText(card.trained_by) ? { trainedBy: card.trained_by } : {}),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function entriesOf<T>(value: unknown, is: (item: unknown) => item is T): Readonly<Record<string, T>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, T] => is(entry[1])));
}
