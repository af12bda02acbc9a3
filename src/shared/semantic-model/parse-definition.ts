import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkDefinition } from './check-definition.ts';
import {
  COLUMN_TYPES,
  type Column,
  type Condition,
  type Definition,
  DefinitionError,
  type Formula,
  type Measure,
  OPERATORS,
  type Table,
  type Visual,
} from './definition.ts';
import { parseReference } from './find.ts';
import { type NodeReader, readNode } from './node-reader.ts';

/** Beside the app: `dist/shared/semantic-model` and `src/shared/semantic-model` are both three levels below its root. */
const DEFINITION_FILE = join(import.meta.dirname, '..', '..', '..', 'semantic-model', 'definition.yaml');

/** Reads `semantic-model/definition.yaml`, or another file. @throws DefinitionError */
export function loadDefinition(file = DEFINITION_FILE): Definition {
  return parseDefinition(readFileSync(file, 'utf8'));
}

/** Reads a definition from YAML and checks that all it names exists. @throws DefinitionError */
export function parseDefinition(yaml: string): Definition {
  const root = readNode(parse(yaml), 'definition');
  root.allow('name', 'description', 'culture', 'source', 'tables', 'relationships', 'measures', 'report');
  const source = root.node('source');
  const report = root.node('report');
  const definition: Definition = {
    name: root.text('name'),
    description: root.text('description'),
    culture: root.text('culture'),
    source: { server: source.text('server'), database: source.text('database'), schema: source.text('schema') },
    tables: root.nodes('tables').map(readTable),
    relationships: root.nodes('relationships').map((node) => ({
      from: parseReference(node.text('from')),
      to: parseReference(node.text('to')),
    })),
    measures: root.nodes('measures').map(readMeasure),
    report: { page: report.text('page'), visuals: report.nodes('visuals').map(readVisual) },
  };
  checkDefinition(definition);
  return definition;
}

function readTable(node: NodeReader): Table {
  node.allow('name', 'description', 'source', 'kind', 'hidden', 'columns', 'hierarchies');
  const kind = node.optionalText('kind');
  if (kind !== undefined && kind !== 'date' && kind !== 'fact') {
    throw new DefinitionError(`${node.where}.kind`, 'date or fact is expected');
  }
  return {
    name: node.text('name'),
    description: node.text('description'),
    source: node.text('source'),
    hidden: node.flag('hidden'),
    ...(kind !== undefined && { kind }),
    columns: node.nodes('columns').map(readColumn),
    hierarchies: node.nodes('hierarchies').map((one) => ({ name: one.text('name'), levels: one.texts('levels') })),
  };
}

function readColumn(node: NodeReader): Column {
  node.allow('name', 'source', 'type', 'description', 'key', 'hidden', 'format', 'sort_by');
  const type = oneOf(node, 'type', COLUMN_TYPES);
  const format = node.optionalText('format') ?? (type === 'int64' ? '0' : undefined);
  const sortBy = node.optionalText('sort_by');
  return {
    name: node.text('name'),
    source: node.text('source'),
    type,
    description: node.text('description'),
    key: node.flag('key'),
    hidden: node.flag('hidden'),
    ...(format !== undefined && { format }),
    ...(sortBy !== undefined && { sortBy }),
  };
}

function readMeasure(node: NodeReader): Measure {
  const kinds = ['count', 'sum', 'average', 'distinct', 'ratio', 'share_of_all'];
  node.allow('name', 'description', 'format', 'folder', 'where', ...kinds);
  const given = kinds.filter((kind) => node.has(kind));
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    throw new DefinitionError(node.where, `exactly one of ${kinds.join(', ')} is expected`);
  }
  const folder = node.optionalText('folder');
  return {
    name: node.text('name'),
    description: node.text('description'),
    format: node.text('format'),
    ...(folder !== undefined && { folder }),
    formula: readFormula(node, kind),
  };
}

function readFormula(node: NodeReader, kind: string): Formula {
  const where = node.nodes('where').map(readCondition);
  if (kind === 'count') return { kind, where };
  if (kind === 'sum' || kind === 'average' || kind === 'distinct') {
    return { kind, column: parseReference(node.text(kind)), where };
  }
  if (where.length > 0) throw new DefinitionError(`${node.where}.where`, `${kind} takes none: put it on what it names`);
  if (kind === 'share_of_all') {
    const share = node.node(kind);
    return { kind: 'share', measure: share.text('measure'), across: share.text('across') };
  }
  const [numerator, denominator, more] = node.texts('ratio');
  if (numerator === undefined || denominator === undefined || more !== undefined) {
    throw new DefinitionError(`${node.where}.ratio`, 'two measures are expected');
  }
  return { kind: 'ratio', numerator, denominator };
}

function readCondition(node: NodeReader): Condition {
  node.allow('column', ...OPERATORS);
  const [operator, more] = OPERATORS.filter((name) => node.has(name));
  if (operator === undefined || more !== undefined) {
    throw new DefinitionError(node.where, `exactly one of ${OPERATORS.join(', ')} is expected`);
  }
  return { column: parseReference(node.text('column')), operator, value: node.scalar(operator) };
}

function readVisual(node: NodeReader): Visual {
  const [x, y, width, height] = node.numbers('at');
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw new DefinitionError(`${node.where}.at`, 'x, y, width and height are expected');
  }
  const at = [x, y, width, height] as const;
  const references = (name: string) => node.texts(name).map(parseReference);
  if (node.has('card')) return { kind: 'card', at, measure: node.text('card') };
  if (node.has('slicer')) return { kind: 'slicer', at, column: parseReference(node.text('slicer')) };
  if (node.has('line')) {
    return { kind: 'line', at, category: parseReference(node.text('line')), values: node.texts('values') };
  }
  if (node.has('matrix')) {
    const [rows, columns] = [references('matrix'), references('columns')];
    return { kind: 'matrix', at, rows, columns, values: node.texts('values') };
  }
  throw new DefinitionError(node.where, 'one of card, slicer, line, matrix is expected');
}

function oneOf<T extends string>(node: NodeReader, name: string, values: readonly T[]): T {
  const text = node.text(name);
  const value = values.find((one) => one === text);
  if (value === undefined)
    throw new DefinitionError(`${node.where}.${name}`, `one of ${values.join(', ')} is expected`);
  return value;
}
