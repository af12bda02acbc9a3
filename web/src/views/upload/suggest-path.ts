import type { DatasetEntry } from '../../api/types.ts';

/** The dataset of CSV whose columns are all in a file's first line; of several the one with the most columns. */
export function datasetOfHeader(
  header: readonly string[],
  datasets: readonly DatasetEntry[],
): DatasetEntry | undefined {
  const there = new Set(header.map((name) => name.trim()));
  const fitting = datasets.filter(
    ({ format, columns }) => format === 'csv' && columns.every(({ name }) => there.has(name)),
  );
  return fitting.toSorted((a, b) => b.columns.length - a.columns.length)[0];
}

/** The dataset that expects files or corrections named so; of several the one that says most of the name, if that is one alone. */
export function datasetOfName(fileName: string, datasets: readonly DatasetEntry[]): DatasetEntry | undefined {
  const fitting = datasets
    .flatMap((dataset) => [dataset.path, dataset.correctionsPath ?? []].flat().map((path) => ({ dataset, path })))
    .map(({ dataset, path }) => ({ dataset, glob: path.slice(path.lastIndexOf('/') + 1) }))
    .filter(({ glob }) => matchesGlob(fileName, glob))
    .map(({ dataset, glob }) => ({ dataset, said: glob.replaceAll('*', '').length }));
  const most = Math.max(...fitting.map(({ said }) => said));
  const best = new Set(fitting.filter(({ said }) => said === most).map(({ dataset }) => dataset));
  return best.size === 1 ? [...best][0] : undefined;
}

/** The names in the first line of a file of comma-separated values. */
export function headerOf(text: string): readonly string[] {
  const [line = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  return line.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
}

/** A path for a file that fits a dataset's pattern, such as `flights/2013-01.csv` for `flights/*.csv`. */
export function suggestPath(pattern: string, fileName: string): string {
  const safe = fileName.replaceAll(/[^A-Za-z0-9._=-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'file';
  const slash = pattern.lastIndexOf('/');
  const [folder, last] = [pattern.slice(0, slash + 1), pattern.slice(slash + 1)];
  const folderPath = folder.replaceAll('**/', '').replaceAll('*', 'new');
  // What was downloaded to be corrected lands under its own name, which may have another ending.
  if (matchesGlob(safe, last) || safe.includes('.quarantined')) return folderPath + safe;
  const stem = safe.replace(/\.[A-Za-z0-9]+$/, '');
  const before = last.slice(0, last.indexOf('*'));
  const middle = before === '' || stem.startsWith(before) ? stem.slice(before.length) : `-${stem}`;
  // The stem takes the place of the first star, nothing that of others.
  return folderPath + last.replace(/\*+/, middle).replaceAll('*', '');
}

function matchesGlob(name: string, glob: string): boolean {
  const body = glob
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${body}$`).test(name);
}
