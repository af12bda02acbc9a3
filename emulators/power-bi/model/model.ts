export type ColumnType = 'string' | 'int64' | 'double' | 'decimal' | 'dateTime' | 'boolean';

/** A tabular model, as far as refreshing and asking it needs. Names are found without regard to case. */
export interface Model {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly relationships: readonly Relationship[];
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly measures: readonly Measure[];
  readonly partitions: readonly Partition[];
  /** The key column of a marked date table: a filter on it takes all others from the table. */
  readonly dateKey?: string;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Its name in what the partition's query gives. */
  readonly source: string;
}

export interface Measure {
  readonly name: string;
  readonly expression: string;
}

/** Rows of a table, brought by one query in T-SQL. */
export interface Partition {
  readonly name: string;
  readonly sql: string;
}

/** Many rows of the first to one of the second; filters go from the second to the first. */
export interface Relationship {
  readonly fromTable: string;
  readonly fromColumn: string;
  readonly toTable: string;
  readonly toColumn: string;
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function findTable(model: Model, name: string): Table | undefined {
  return model.tables.find((table) => sameName(table.name, name));
}

export function findColumn(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => sameName(column.name, name));
}
