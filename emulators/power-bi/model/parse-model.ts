import { isObject, type JsonObject } from './json.ts';
import {
  type Column,
  type ColumnType,
  findColumn,
  findTable,
  type Model,
  type Partition,
  type Table,
} from './model.ts';
import { readM } from './read-m.ts';

const TYPES: readonly string[] = ['string', 'int64', 'double', 'decimal', 'dateTime', 'boolean'];

/**
 * Reads a model in TMSL (`model.bim`).
 * @throws Error that says where the file cannot be used; what the emulator has no use for (formats, roles, hierarchies) is not looked at
 */
export function parseModel(text: string): Model {
  const root = object(JSON.parse(text), 'the file');
  const body = object(root.model, 'model');
  const tables = list(body.tables, 'model.tables').map((one, index) => parseTable(one, `model.tables[${index}]`));
  const model: Model = {
    name: string(root.name, 'name'),
    tables,
    relationships: list(body.relationships ?? [], 'model.relationships').flatMap((one, index) => {
      const where = `model.relationships[${index}]`;
      if (one.isActive === false) return [];
      if (one.crossFilteringBehavior === 'bothDirections') {
        throw new Error(`${where}: filters in both directions are not supported by this emulator.`);
      }
      return [
        {
          fromTable: string(one.fromTable, `${where}.fromTable`),
          fromColumn: string(one.fromColumn, `${where}.fromColumn`),
          toTable: string(one.toTable, `${where}.toTable`),
          toColumn: string(one.toColumn, `${where}.toColumn`),
        },
      ];
    }),
  };
  checkRelationships(model);
  return model;
}

function parseTable(json: JsonObject, where: string): Table {
  const columnList = list(json.columns ?? [], `${where}.columns`);
  const dateKey = json.dataCategory === 'Time' ? columnList.find((one) => one.isKey === true)?.name : undefined;
  const columns = columnList.map((one, index): Column => {
    const at = `${where}.columns[${index}]`;
    if (one.type !== undefined && one.type !== 'data') {
      throw new Error(
        `${at}: ${String(one.type)} columns are not supported by this emulator; bring them from the source.`,
      );
    }
    const type = string(one.dataType, `${at}.dataType`);
    if (!TYPES.includes(type)) throw new Error(`${at}.dataType '${type}' is not one of ${TYPES.join(', ')}.`);
    const name = string(one.name, `${at}.name`);
    return { name, type: type as ColumnType, source: string(one.sourceColumn ?? name, `${at}.sourceColumn`) };
  });
  return {
    name: string(json.name, `${where}.name`),
    columns,
    ...(typeof dateKey === 'string' && { dateKey }),
    measures: list(json.measures ?? [], `${where}.measures`).map((one, index) => ({
      name: string(one.name, `${where}.measures[${index}].name`),
      expression: lines(one.expression, `${where}.measures[${index}].expression`),
    })),
    partitions: list(json.partitions ?? [], `${where}.partitions`).map((one, index) =>
      parsePartition(one, columns, `${where}.partitions[${index}]`),
    ),
  };
}

function parsePartition(json: JsonObject, columns: readonly Column[], where: string): Partition {
  const source = object(json.source, `${where}.source`);
  if (json.mode !== undefined && json.mode !== 'import') throw new Error(`${where}: only mode import is supported.`);
  const name = string(json.name, `${where}.name`);
  if (source.type === 'query') return { name, sql: lines(source.query, `${where}.source.query`) };
  if (source.type !== 'm') throw new Error(`${where}.source.type must be m or query, not ${String(source.type)}.`);
  const expression = lines(source.expression, `${where}.source.expression`);
  try {
    return {
      name,
      sql: readM(
        expression,
        columns.map((column) => column.source),
      ),
    };
  } catch (cause) {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function checkRelationships(model: Model): void {
  for (const { fromTable, fromColumn, toTable, toColumn } of model.relationships) {
    for (const [table, column] of [
      [fromTable, fromColumn],
      [toTable, toColumn],
    ] as const) {
      const found = findTable(model, table);
      if (found === undefined || findColumn(found, column) === undefined) {
        throw new Error(`model.relationships: there is no ${table}[${column}].`);
      }
    }
  }
}

function object(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new Error(`${where} must be an object.`);
  return value;
}

function list(value: unknown, where: string): readonly JsonObject[] {
  if (!Array.isArray(value)) throw new Error(`${where} must be a list.`);
  return value.map((one, index) => object(one, `${where}[${index}]`));
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${where} must be a text.`);
  return value;
}

/** TMSL writes long expressions as lists of lines. */
function lines(value: unknown, where: string): string {
  if (Array.isArray(value))
    return value.map((line, index) => (line === '' ? '' : string(line, `${where}[${index}]`))).join('\n');
  return string(value, where);
}
