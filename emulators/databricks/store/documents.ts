/** The document of a row, as the store itself wrote it. */
export function docOf<T>(row: Record<string, unknown> | undefined): T | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row.doc)) as T);
}

/** The documents of several rows. */
export function docsOf<T>(rows: readonly Record<string, unknown>[]): T[] {
  return rows.map((row) => JSON.parse(String(row.doc)) as T);
}
