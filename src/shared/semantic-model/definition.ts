/** Types of columns, in the words of Analysis Services. */
export const COLUMN_TYPES = ['string', 'int64', 'double', 'decimal', 'dateTime', 'boolean'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** The semantic model: everything that the project, model.bim, DAX and SQL are generated from. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly culture: string;
  readonly source: { readonly server: string; readonly database: string; readonly schema: string };
  readonly tables: readonly Table[];
  readonly relationships: readonly Relationship[];
  readonly measures: readonly Measure[];
  readonly report: Report;
}

export interface Table {
  readonly name: string;
  readonly description: string;
  /** The table's name in the warehouse. */
  readonly source: string;
  /** `date` is the marked date table, `fact` the one that measures aggregate. */
  readonly kind?: 'date' | 'fact';
  readonly hidden: boolean;
  readonly columns: readonly Column[];
  readonly hierarchies: readonly Hierarchy[];
}

export interface Column {
  readonly name: string;
  readonly source: string;
  readonly type: ColumnType;
  readonly description: string;
  readonly key: boolean;
  readonly hidden: boolean;
  readonly format?: string;
  readonly sortBy?: string;
}

export interface Hierarchy {
  readonly name: string;
  readonly levels: readonly string[];
}

/** A column by its table; written `Table[Column]`. */
export interface ColumnReference {
  readonly table: string;
  readonly column: string;
}

/** Many rows of `from` to one of `to`. */
export interface Relationship {
  readonly from: ColumnReference;
  readonly to: ColumnReference;
}

/** A measure of the fact table. */
export interface Measure {
  readonly name: string;
  readonly description: string;
  readonly format: string;
  readonly folder?: string;
  readonly formula: Formula;
}

/** What a measure computes; rates and shares name other measures. */
export type Formula =
  | { readonly kind: 'count'; readonly where: readonly Condition[] }
  | {
      readonly kind: 'sum' | 'average' | 'distinct';
      readonly column: ColumnReference;
      readonly where: readonly Condition[];
    }
  | { readonly kind: 'ratio'; readonly numerator: string; readonly denominator: string }
  | { readonly kind: 'share'; readonly measure: string; readonly across: string };

export const OPERATORS = ['is', 'above', 'below', 'from', 'to'] as const;
/** How a column compares with a value: equal, greater, less, at least, at most. */
export type Operator = (typeof OPERATORS)[number];
export type Scalar = string | number | boolean;

export interface Condition {
  readonly column: ColumnReference;
  readonly operator: Operator;
  readonly value: Scalar;
}

export interface Report {
  readonly page: string;
  readonly visuals: readonly Visual[];
}

/** x, y, width and height in pixels. */
export type Place = readonly [number, number, number, number];

export type Visual = { readonly at: Place } & (
  | { readonly kind: 'card'; readonly measure: string }
  | { readonly kind: 'slicer'; readonly column: ColumnReference }
  | { readonly kind: 'line'; readonly category: ColumnReference; readonly values: readonly string[] }
  | {
      readonly kind: 'matrix';
      readonly rows: readonly ColumnReference[];
      readonly columns: readonly ColumnReference[];
      readonly values: readonly string[];
    }
);

/** A definition that cannot be used; the message says where and what to do. */
export class DefinitionError extends Error {
  readonly where: string;
  readonly problem: string;

  constructor(where: string, problem: string) {
    super(`semantic-model/definition.yaml: ${where}: ${problem}`);
    this.name = 'DefinitionError';
    this.where = where;
    this.problem = problem;
  }
}
