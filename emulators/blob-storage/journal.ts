import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One change of a document: what it is now, or that it is gone. */
export interface Change {
  readonly collection: string;
  readonly id: number;
  readonly document?: object;
}

/**
 * The changes of a database since its last snapshot, in files beside it. A change is with the operating system before
 * `append` returns, so that a kill of the process does not lose it (a power cut may).
 */
export interface Journal {
  append(change: Change): void;
  /** Begins a new file; what came before is in the snapshot that is about to be written. Gives what forgets it. */
  rotate(): () => void;
  /** Every change, in order. */
  read(): readonly Change[];
  /** Forgets everything. */
  clear(): void;
}

/** The journal of the database in `file`. */
export function openJournal(file: string): Journal {
  const prefix = `${basename(file)}.journal-`;
  const generations = (): number[] =>
    existsSync(dirname(file))
      ? readdirSync(dirname(file))
          .filter((name) => name.startsWith(prefix))
          .map((name) => Number(name.slice(prefix.length)))
          .sort((a, b) => a - b)
      : [];
  const path = (generation: number): string => join(dirname(file), `${prefix}${generation}`);
  const forget = (before: number): void => {
    for (const generation of generations()) if (generation < before) rmSync(path(generation), { force: true });
  };
  let current = (generations().at(-1) ?? 0) + 1;
  let open: number | undefined;
  return {
    append(change) {
      open ??= openSync(path(current), 'a');
      writeSync(open, `${JSON.stringify(change)}\n`);
    },
    rotate() {
      if (open !== undefined) closeSync(open);
      open = undefined;
      current++;
      const generation = current;
      return () => forget(generation);
    },
    read: () => generations().flatMap((generation) => parse(readFileSync(path(generation), 'utf8'))),
    clear: () => forget(Number.POSITIVE_INFINITY),
  };
}

/** A line without its end was being written when the process was killed: nobody was told of that change. */
function parse(text: string): Change[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Change);
}
