import type { Contract } from '../contracts/contract.ts';
import { landedColumns } from '../contracts/contract.ts';

/**
 * Judges the header of a CSV file against its contract.
 * @returns what is wrong, for a person; undefined when the file may be cleansed.
 */
export function inspectCsv(contract: Contract, header: string): string | undefined {
  const delimiter = contract.arrival.csv?.delimiter ?? ',';
  const names = splitHeader(header.replace(/\r$/, ''), delimiter);
  const present = new Set(names.map(normalise));
  const mayLack = contract.drift?.missing_columns === 'ignore';
  const missing = mayLack ? [] : landedColumns(contract).filter((name) => !present.has(normalise(name)));
  if (missing.length > 0) {
    const shown = names.slice(0, 30).join(', ').slice(0, 300);
    return `The header lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}; it reads: ${shown}.`;
  }
  const twice = names.filter(
    (name, index) => name !== '' && names.findIndex((other) => normalise(other) === normalise(name)) < index,
  );
  return twice.length === 0 ? undefined : `The header names ${twice.join(', ')} twice.`;
}

function normalise(name: string): string {
  return name.trim().toLowerCase();
}

/** Splits a header line; names in double quotes may hold the delimiter, a doubled quote stands for one. */
function splitHeader(line: string, delimiter: string): string[] {
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? '';
    if (character === '"') {
      if (quoted && line[index + 1] === '"') name += line[index++];
      else quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      names.push(name);
      name = '';
    } else name += character;
  }
  return [...names, name];
}
