import type { Dataset } from '../contracts/contract.ts';
import { isRecord } from '../errors.ts';
import { dataVersion, type Publications } from '../insights/publication.ts';
import type { Lake } from '../lake/lake.ts';
import { lakePaths } from '../lake/paths.ts';
import { CONTAINERS } from '../names.ts';

/**
 * Says, in a text to be compared, what a challenge would learn from: the contract, and the versions at which the rows of
 * the dataset and of its references changed last. Undefined when nothing of the dataset is published.
 */
export async function lesson({ contract, version }: Dataset, publications: Publications): Promise<string | undefined> {
  const references = [...new Set((contract.combine ?? []).map(({ dataset }) => dataset))].sort();
  const [own, ...others] = await Promise.all([contract.dataset, ...references].map((name) => publications.get(name)));
  if (own === undefined) return undefined;
  const data = [own, ...others].map(
    (publication, index) =>
      `${[contract.dataset, ...references][index]}@${publication === undefined ? 'none' : dataVersion(publication)}`,
  );
  return [`contract@${version}`, ...data].join(' ');
}

/** The lesson of the last challenge that came to a verdict; undefined when there was none. */
export async function examinedLesson(lake: Lake, dataset: string, model: string): Promise<string | undefined> {
  const pointer = await lake.findJson(CONTAINERS.lake, lakePaths.examined(dataset, model));
  return isRecord(pointer) && typeof pointer.lesson === 'string' ? pointer.lesson : undefined;
}

/** Remembers that a challenge on this lesson came to a verdict, whatever it was. */
export async function rememberExamined(
  lake: Lake,
  dataset: string,
  model: string,
  lessonLearnt: string,
  training: string,
): Promise<void> {
  await lake.writeJson(CONTAINERS.lake, lakePaths.examined(dataset, model), { lesson: lessonLearnt, training });
}
