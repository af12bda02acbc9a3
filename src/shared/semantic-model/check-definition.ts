import { type Definition, DefinitionError, type Formula, type Table } from './definition.ts';
import { factTable, findColumn, findMeasure, findTable, formatReference } from './find.ts';

/** Checks what the shape alone cannot: names are unique, all that is named exists, relationships end at keys. @throws DefinitionError */
export function checkDefinition(definition: Definition): void {
  const fact = factTable(definition);
  unique('tables', names(definition.tables));
  unique('measures', names(definition.measures));
  for (const table of definition.tables) checkTable(table);
  const taken = new Set(names(fact.columns).map((name) => name.toLowerCase()));
  for (const { name } of definition.measures) {
    if (taken.has(name.toLowerCase())) throw new DefinitionError(`measure ${name}`, `${fact.name} has such a column`);
  }
  for (const { from, to } of definition.relationships) {
    const types = [findColumn(definition, from), findColumn(definition, to)].map(({ type }) => type);
    if (types[0] !== types[1]) throw new DefinitionError(formatReference(from), `relates ${types.join(' to ')}`);
    if (!findColumn(definition, to).key) throw new DefinitionError(formatReference(to), 'needs `key: true`');
  }
  for (const { name, formula } of definition.measures) checkFormula(definition, fact, name, formula, [name]);
  for (const visual of definition.report.visuals) {
    if (visual.kind === 'card') findMeasure(definition, visual.measure);
    if (visual.kind === 'slicer') findColumn(definition, visual.column);
    if (visual.kind === 'line') findColumn(definition, visual.category);
    if (visual.kind === 'matrix') for (const one of [...visual.rows, ...visual.columns]) findColumn(definition, one);
    if ('values' in visual) for (const one of visual.values) findMeasure(definition, one);
  }
}

function checkTable(table: Table): void {
  unique(`table ${table.name}`, names(table.columns));
  unique(`table ${table.name}`, names(table.hierarchies));
  const known = new Set(names(table.columns));
  const sorted = table.columns.flatMap(({ sortBy }) => (sortBy === undefined ? [] : [sortBy]));
  for (const name of [...sorted, ...table.hierarchies.flatMap(({ levels }) => levels)]) {
    if (!known.has(name)) throw new DefinitionError(`table ${table.name}`, `has no column '${name}'`);
  }
  if (table.kind === 'date' && !table.columns.some(({ key, type }) => key && type === 'dateTime')) {
    throw new DefinitionError(`table ${table.name}`, 'a date table needs a key of type dateTime');
  }
}

/** `path` is how the formula was come to, so that a measure that is made of itself is found. */
function checkFormula(
  definition: Definition,
  fact: Table,
  name: string,
  formula: Formula,
  path: readonly string[],
): void {
  if (formula.kind === 'ratio' || formula.kind === 'share') {
    if (formula.kind === 'share') findTable(definition, formula.across);
    const parts = formula.kind === 'ratio' ? [formula.numerator, formula.denominator] : [formula.measure];
    for (const part of parts) {
      if (path.includes(part)) throw new DefinitionError(`measure ${name}`, `is made of itself: ${path.join(' → ')}`);
      checkFormula(definition, fact, part, findMeasure(definition, part).formula, [...path, part]);
    }
    if (parts.some((part) => findMeasure(definition, part).formula.kind === 'share')) {
      throw new DefinitionError(`measure ${name}`, 'cannot be made of a share');
    }
    return;
  }
  const used = formula.where.map(({ column }) => column);
  if (formula.kind !== 'count') used.push(formula.column);
  for (const reference of used) {
    findColumn(definition, reference);
    if (reference.table !== fact.name) throw new DefinitionError(`measure ${name}`, `can use columns of ${fact.name}`);
  }
}

function names(things: readonly { readonly name: string }[]): readonly string[] {
  return things.map(({ name }) => name);
}

function unique(where: string, all: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of all) {
    // Names are compared without case by the engine.
    if (seen.has(name.toLowerCase())) throw new DefinitionError(where, `'${name}' stands twice`);
    seen.add(name.toLowerCase());
  }
}
