import { type Column, findColumn, findTable, type Model, sameName, type Table } from '../model/model.ts';
import { DaxError } from './dax-error.ts';
import { parseMeasure } from './parse.ts';
import type { Expression } from './syntax.ts';

/** A column with its table. */
export interface ColumnOf {
  readonly table: Table;
  readonly column: Column;
}

/** What names mean in one query: the model's, and the measures that the query itself defines. */
export class Scope {
  readonly model: Model;
  readonly #defined: ReadonlyMap<string, Expression>;

  constructor(model: Model, defined: ReadonlyMap<string, Expression>) {
    this.model = model;
    this.#defined = defined;
  }

  table(name: string): Table {
    const table = findTable(this.model, name);
    if (table === undefined) throw new DaxError(`Cannot find table '${name}'.`);
    return table;
  }

  column(tableName: string, name: string): ColumnOf {
    const table = this.table(tableName);
    const column = findColumn(table, name);
    if (column === undefined) {
      throw new DaxError(
        `Column '${name}' in table '${table.name}' cannot be found or may not be used in this expression.`,
      );
    }
    return { table, column };
  }

  measure(name: string): Expression {
    const defined = this.#defined.get(name.toLowerCase());
    if (defined !== undefined) return defined;
    const measure = this.model.tables.flatMap((table) => table.measures).find((one) => sameName(one.name, name));
    if (measure === undefined) {
      throw new DaxError(
        `The value for '${name}' cannot be determined. Either the column doesn't exist, or there is no current row for this column.`,
      );
    }
    return parseMeasure(measure.expression);
  }

  /** The table and those that its rows lead to: what filters reach it, and what can group it. */
  expanded(table: Table): readonly Table[] {
    const reached = [table];
    for (const one of reached) {
      for (const { fromTable, toTable } of this.model.relationships) {
        const next = this.table(toTable);
        if (sameName(fromTable, one.name) && !reached.includes(next)) reached.push(next);
      }
    }
    return reached;
  }
}

export function sameColumn(a: ColumnOf, b: ColumnOf): boolean {
  return a.table === b.table && a.column === b.column;
}
