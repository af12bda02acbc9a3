import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Does `work` unless it was done for these inputs: the stamp holds a hash of their contents, and is written last.
 * @param {string} stamp
 * @param {readonly string[]} inputs
 * @param {() => void} work
 */
export function once(stamp, inputs, work) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(readFileSync(input));
  const wanted = hash.digest('hex');
  if (read(stamp) === wanted) return;
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
