import {
  type Column,
  type ColumnReference,
  type Definition,
  DefinitionError,
  type Measure,
  type Table,
} from './definition.ts';

/** The table of that name; DefinitionError names those there are. */
export function findTable(definition: Definition, name: string): Table {
  const table = definition.tables.find((one) => one.name === name);
  if (table === undefined) {
    const known = definition.tables.map((one) => one.name).join(', ');
    throw new DefinitionError(name, `there is no such table; known are ${known}`);
  }
  return table;
}

/** The column that a reference means; DefinitionError names those there are. */
export function findColumn(definition: Definition, reference: ColumnReference): Column {
  const table = findTable(definition, reference.table);
  const column = table.columns.find((one) => one.name === reference.column);
  if (column === undefined) {
    const known = table.columns.map((one) => one.name).join(', ');
    throw new DefinitionError(formatReference(reference), `there is no such column; ${table.name} has ${known}`);
  }
  return column;
}

/** The measure of that name; DefinitionError names those there are. */
export function findMeasure(definition: Definition, name: string): Measure {
  const measure = definition.measures.find((one) => one.name === name);
  if (measure === undefined) {
    const known = definition.measures.map((one) => one.name).join(', ');
    throw new DefinitionError(name, `there is no such measure; known are ${known}`);
  }
  return measure;
}

/** The table that the measures aggregate. */
export function factTable(definition: Definition): Table {
  const [fact, second] = definition.tables.filter((one) => one.kind === 'fact');
  if (fact === undefined || second !== undefined) {
    throw new DefinitionError('tables', 'exactly one needs `kind: fact`');
  }
  return fact;
}

/** `Table[Column]`, as executeQueries spells the columns of its rows. */
export function formatReference({ table, column }: ColumnReference): string {
  return `${table}[${column}]`;
}

/** Reads `Table[Column]`; DefinitionError for anything else. */
export function parseReference(text: string): ColumnReference {
  const match = /^([^[\]]+)\[([^[\]]+)\]$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new DefinitionError(text, 'a column is written Table[Column]');
  }
  return { table: match[1], column: match[2] };
}
