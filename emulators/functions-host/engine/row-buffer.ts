/**
 * Rows that the next commit inserts and deletes. A row that comes and goes between two commits never touches the disk:
 * most messages live that long.
 */
export class RowBuffer<Row extends { readonly seq: number }> {
  readonly #inserts = new Map<number, Row>();
  readonly #deletes: number[] = [];

  insert(row: Row): void {
    this.#inserts.set(row.seq, row);
  }

  remove(row: Row): void {
    if (!this.#inserts.delete(row.seq)) {
      this.#deletes.push(row.seq);
    }
  }

  /** Hands over all changes and forgets them. */
  drain(insert: (row: Row) => void, remove: (seq: number) => void): void {
    for (const seq of this.#deletes) {
      remove(seq);
    }
    for (const row of this.#inserts.values()) {
      insert(row);
    }
    this.#inserts.clear();
    this.#deletes.length = 0;
  }
}
