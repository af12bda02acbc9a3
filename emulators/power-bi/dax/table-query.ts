import { findColumn, sameName, type Table } from '../model/model.ts';
import type { FilterContext } from './filter-context.ts';
import type { ColumnOf, Scope } from './scope.ts';
import { quoteName } from './sql-text.ts';

/** Runs SQL on the snapshot and gives rows of JSON-like values. */
export type RunSql = (sql: string) => Promise<readonly (readonly (number | string | boolean | null)[])[]>;

/** A query for aggregates, but for the aggregates: they go between its group columns and the rest. */
export interface AggregateQuery {
  readonly groups: readonly ColumnOf[];
  readonly columns: readonly string[];
  /** From FROM on. */
  readonly rest: string;
  /** The alias of the table whose rows are aggregated. */
  readonly row: string;
}

/**
 * A query over a table's rows in a context, for each combination of the context's group columns that the table's rows
 * lead to. Rows whose key no other table has keep their place: their columns there are BLANK.
 */
export function aggregateQuery(scope: Scope, table: Table, context: FilterContext): AggregateQuery {
  const joins = new Joins(scope, table);
  const groups = context.groups.filter((one) => joins.reaches(one.table));
  const columns = groups.map((one) => presented(one, joins.column(one)));
  const conditions = context.filters
    .filter((one) => joins.reaches(one.table))
    .map((one) => one.test(joins.column(one)));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const group = columns.length === 0 ? '' : ` GROUP BY ${columns.map((_, index) => index + 1).join(', ')}`;
  return { groups, columns, rest: `FROM ${joins.from()}${where}${group}`, row: joins.alias(table) };
}

/** The values of some columns of one table that exist there, the blank member among them if rows elsewhere refer to nothing. */
export function membersSql(scope: Scope, table: Table, columns: readonly ColumnOf[], context: FilterContext): string {
  const conditions = context.filters
    .filter((one) => one.table === table)
    .map((one) => one.test(`t.${quoteName(one.column.name)}`));
  const selected = columns.map((one) => presented(one, `t.${quoteName(one.column.name)}`)).join(', ');
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const orphans = scope.model.relationships
    .filter((one) => sameName(one.toTable, table.name))
    .map(({ fromTable, fromColumn, toColumn }) => {
      const [from, key, to] = [
        scope.table(fromTable),
        scope.column(fromTable, fromColumn).column.name,
        findColumn(table, toColumn)?.name ?? toColumn,
      ];
      const found = `SELECT 1 FROM ${quoteName(table.name)} k WHERE k.${quoteName(to)} = o.${quoteName(key)}`;
      return `EXISTS (SELECT 1 FROM ${quoteName(from.name)} o WHERE NOT EXISTS (${found}))`;
    });
  const names = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const blank = table.columns.map(() => 'NULL').join(', ');
  const rows = [`SELECT ${names} FROM ${quoteName(table.name)}`];
  if (orphans.length > 0) rows.push(`SELECT ${blank} WHERE ${orphans.join(' OR ')}`);
  return `SELECT DISTINCT ${selected} FROM (${rows.join(' UNION ALL ')}) t${where}`;
}

/** Times leave the engine as texts. */
export function presented({ column }: ColumnOf, sql: string): string {
  if (column.type === 'dateTime') return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S')`;
  return column.type === 'string' || column.type === 'boolean' ? sql : `CAST(${sql} AS DOUBLE)`;
}

/** A table and what is joined to it, as columns ask for it. */
class Joins {
  readonly #scope: Scope;
  readonly #tables: readonly Table[];
  readonly #used: Table[];

  constructor(scope: Scope, table: Table) {
    this.#scope = scope;
    this.#tables = scope.expanded(table);
    this.#used = [table];
  }

  reaches(table: Table): boolean {
    return this.#tables.includes(table);
  }

  alias(table: Table): string {
    return `t${this.#tables.indexOf(table)}`;
  }

  column({ table, column }: ColumnOf): string {
    this.#use(table);
    return `${this.alias(table)}.${quoteName(column.name)}`;
  }

  from(): string {
    return this.#used
      .map((table, index) => (index === 0 ? `${quoteName(table.name)} ${this.alias(table)}` : this.#join(table)))
      .join(' ');
  }

  /** A table after those that lead to it. */
  #use(table: Table): void {
    if (this.#used.includes(table)) return;
    this.#use(this.#scope.table(this.#relationship(table).fromTable));
    this.#used.push(table);
  }

  #relationship(table: Table): Scope['model']['relationships'][number] {
    const found = this.#scope.model.relationships.find(
      (one) => sameName(one.toTable, table.name) && this.#tables.includes(this.#scope.table(one.fromTable)),
    );
    if (found === undefined) throw new Error(`Nothing leads to ${table.name}.`);
    return found;
  }

  #join(table: Table): string {
    const { fromTable, fromColumn, toColumn } = this.#relationship(table);
    const from = this.#scope.column(fromTable, fromColumn);
    const to = this.#scope.column(table.name, toColumn);
    const key = `${this.alias(from.table)}.${quoteName(from.column.name)}`;
    return `LEFT JOIN ${quoteName(table.name)} ${this.alias(table)} ON ${key} = ${this.alias(table)}.${quoteName(to.column.name)}`;
  }
}
