import {
  type ColumnReference,
  type Definition,
  DefinitionError,
  OPERATORS,
  type Operator,
  type Scalar,
} from './definition.ts';
import { findColumn, findMeasure, formatReference } from './find.ts';

/** A question to the model: measures, by which columns, of which part. Days are written yyyy-mm-dd. */
export interface MetricQuery {
  readonly measures: readonly string[];
  readonly by: readonly ColumnReference[];
  readonly filters: readonly MetricFilter[];
}

/** Members of a column (null is blank), or a bound. */
export type MetricFilter =
  | { readonly column: ColumnReference; readonly values: readonly (Scalar | null)[] }
  | { readonly column: ColumnReference; readonly operator: Operator; readonly value: Scalar };

/** What every engine takes for the same number. */
const LARGEST_NUMBER = Number.MAX_SAFE_INTEGER;
/** DAX reads years before it as so many after 1900. */
const FIRST_DAY = Date.parse('1900-01-01T00:00:00Z');

/** Checks that all that a query names exists, once, and that values fit their columns. @throws DefinitionError */
export function checkQuery(definition: Definition, query: MetricQuery): void {
  if (query.measures.length === 0) throw new DefinitionError('query', 'ask for at least one measure');
  for (const name of query.measures) findMeasure(definition, name);
  for (const column of query.by) findColumn(definition, column);
  for (const list of [query.measures, query.by.map(formatReference)]) {
    const twice = list.find((one, index) => list.indexOf(one) !== index);
    if (twice !== undefined) throw new DefinitionError('query', `'${twice}' stands twice`);
  }
  for (const filter of query.filters) {
    const { type } = findColumn(definition, filter.column);
    const values = 'values' in filter ? filter.values : [filter.value];
    if (values.length === 0) throw new DefinitionError(formatReference(filter.column), 'a filter needs a value');
    if ('operator' in filter && !OPERATORS.includes(filter.operator)) {
      throw new DefinitionError(formatReference(filter.column), `unknown operator '${filter.operator}'`);
    }
    for (const value of values) {
      const fits =
        value === null ||
        (type === 'boolean' ? typeof value === 'boolean' : undefined) ||
        (type === 'string' ? typeof value === 'string' : undefined) ||
        (type === 'dateTime' ? typeof value === 'string' && isDay(value) : undefined) ||
        (['int64', 'double', 'decimal'].includes(type) &&
          typeof value === 'number' &&
          Math.abs(value) <= LARGEST_NUMBER);
      if (!fits) {
        const expected = type === 'dateTime' ? 'a day, yyyy-mm-dd' : `of type ${type}`;
        throw new DefinitionError(
          formatReference(filter.column),
          `${typeof value === 'string' ? JSON.stringify(value) : String(value)} is not ${expected}`,
        );
      }
    }
  }
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return time >= FIRST_DAY && new Date(time).toISOString().startsWith(text);
}
