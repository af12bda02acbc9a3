/** A value; null is BLANK. Days and times are `Date`s in UTC. */
export type Scalar = number | string | boolean | Date | null;

export type BinaryOperator = '+' | '-' | '*' | '/' | '=' | '==' | '<>' | '<' | '<=' | '>' | '>=' | '&&' | '||';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Scalar }
  | { readonly kind: 'column'; readonly table: string; readonly column: string }
  /** `[Name]`: a measure, or a column of the table at hand. */
  | { readonly kind: 'bracket'; readonly name: string }
  /** A table or a variable. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly values: readonly Expression[] }
  | { readonly kind: 'not' | 'minus'; readonly operand: Expression }
  | { readonly kind: 'set'; readonly values: readonly Expression[] }
  | { readonly kind: 'variables'; readonly variables: readonly Variable[]; readonly result: Expression };

export interface Variable {
  readonly name: string;
  readonly expression: Expression;
}

export interface OrderKey {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** `DEFINE MEASURE … EVALUATE … ORDER BY …`. */
export interface Query {
  readonly measures: ReadonlyMap<string, Expression>;
  readonly table: Expression;
  readonly orderBy: readonly OrderKey[];
}
