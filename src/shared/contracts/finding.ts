/** Where in a document: keys and indices from its root. */
export type Path = readonly (string | number)[];

/** Something wrong in a document. `on` says whether the value at the path is at fault, or its key. */
export interface Finding {
  readonly path: Path;
  readonly on: 'value' | 'key';
  readonly message: string;
}

/** A path as people write it: `columns[1].type`. */
export function show(path: Path): string {
  if (path.length === 0) return 'the contract';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
