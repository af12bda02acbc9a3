/** The batches of a T-SQL script: GO on a line of its own parts them. */
export function sqlBatches(script: string): string[] {
  return script.split(/^\s*GO\s*$/im).filter((batch) => batch.trim() !== '');
}
