/** Types that columns keep on their way from source to sink. */
export type ColumnType =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'decimal'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'bytes'
  | 'json';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * A field. Dates are texts (`yyyy-MM-dd HH:mm:ss.fffffff`, UTC), so that no digit is lost; of type `json` may be any JSON.
 */
export type Cell = unknown;

/** Rows with named columns, read as they are needed. */
export interface Table {
  readonly columns: readonly Column[];
  /** Rows in batches; each row has a cell for each column. */
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** A table over something that must be let go. */
export interface OpenTable extends Table {
  close(): Promise<void>;
}

/** A cell as text, as a delimited file or a text column holds it. */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64');
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
