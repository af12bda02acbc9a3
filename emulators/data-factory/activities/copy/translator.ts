import {
  DefinitionError,
  isJsonObject,
  listField,
  objectField,
  optionalNumber,
  optionalString,
  readObject,
} from '../../definitions/json.ts';
import { ActivityError } from '../../engine/activity-error.ts';
import { once } from '../../formats/json-files.ts';
import { type Cell, type Column, type ColumnType, cellText, type Table } from '../../formats/table.ts';

/** One column of the sink, and where it comes from. */
interface Mapping {
  readonly source: { readonly name?: string; readonly ordinal?: number; readonly path?: string };
  readonly sink: string;
  readonly type: ColumnType | undefined;
}

/** How Copy maps columns (TabularTranslator). */
export interface Translator {
  readonly mappings: readonly Mapping[];
  /** Sources are paths into JSON documents. */
  readonly byPath: boolean;
  /** The array whose elements become rows. */
  readonly collectionReference: string;
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  int16: 'int32',
  int32: 'int32',
  int64: 'int64',
  single: 'double',
  double: 'double',
  decimal: 'decimal',
  boolean: 'boolean',
  datetime: 'datetime',
  datetimeoffset: 'datetime',
  string: 'string',
  guid: 'string',
};

/** Reads a translator; nothing if columns go by their names. */
export function readTranslator(value: unknown): Translator | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value.type !== undefined && value.type !== 'TabularTranslator') {
    throw new DefinitionError(`A translator of type '${String(value.type)}' is not emulated; use TabularTranslator.`);
  }
  const declared = listField(value, 'mappings').map(readMapping);
  const mappings = declared.length > 0 ? declared : readColumnMappings(value.columnMappings);
  if (mappings.length === 0) return undefined;
  return {
    mappings,
    byPath: mappings.some(({ source }) => source.path !== undefined),
    collectionReference: optionalString(value, 'collectionReference') ?? '',
  };
}

function readMapping(value: unknown): Mapping {
  const mapping = readObject(value, 'A mapping');
  const [source, sink] = [objectField(mapping, 'source'), objectField(mapping, 'sink')];
  const [name, path, ordinal] = [
    optionalString(source, 'name'),
    optionalString(source, 'path'),
    optionalNumber(source, 'ordinal'),
  ];
  const target = optionalString(sink, 'name') ?? pathParts(optionalString(sink, 'path') ?? '').at(-1);
  if (target === undefined) throw new DefinitionError('A mapping names no column of the sink.');
  return {
    source: {
      ...(path === undefined ? {} : { path }),
      ...(name === undefined ? {} : { name }),
      ...(ordinal === undefined ? {} : { ordinal }),
    },
    sink: target,
    type: TYPES[(optionalString(sink, 'type') ?? '').toLowerCase()],
  };
}

/** The older form: `{source: sink}`, or `"source: sink, source: sink"`. */
function readColumnMappings(value: unknown): Mapping[] {
  const pairs =
    typeof value === 'string'
      ? value.split(',').map((pair) => pair.split(':').map((part) => part.trim()))
      : isJsonObject(value)
        ? Object.entries(value).map(([source, sink]) => [source, String(sink)])
        : [];
  return pairs.map(([name = '', sink = '']) => ({ source: { name }, sink, type: undefined }));
}

/** The parts of a path such as `$['a']['b'][0]` or `a.b`. */
export function pathParts(path: string): string[] {
  return [...path.replace(/^\$/, '').matchAll(/\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, single, double, index, plain]) => single ?? double ?? index ?? plain ?? '',
  );
}

function follow(document: unknown, path: string): unknown {
  let value = document;
  for (const part of pathParts(path)) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value ?? null;
}

/** Documents as rows of the mapped paths; under `collectionReference` a row for each element of that array. */
export function documentsTable(documents: readonly unknown[], { mappings, collectionReference }: Translator): Table {
  const rows = documents.flatMap((document) => {
    const elements = collectionReference === '' ? [document] : follow(document, collectionReference);
    const list = Array.isArray(elements) ? elements : [];
    return (collectionReference === '' ? [document] : list).map((element) =>
      mappings.map(({ source: { path, name } }): Cell => {
        if (path === undefined) return follow(element, `['${name ?? ''}']`);
        return follow(path.startsWith('$') || collectionReference === '' ? document : element, path);
      }),
    );
  });
  const columns = mappings.map(({ source: { path, name } }): Column => ({ name: path ?? name ?? '', type: 'json' }));
  return { columns, batches: once(rows) };
}

/** The columns that the sink gets, named, chosen and converted by the translator. */
export function translated(table: Table, translator: Translator | undefined): Table {
  if (translator === undefined) return table;
  const places = translator.mappings.map(({ source }, at) => {
    const { name, ordinal, path } = source;
    const place = translator.byPath
      ? at
      : ordinal === undefined
        ? table.columns.findIndex((column) => column.name === name)
        : ordinal - 1;
    if (place >= 0 && place < table.columns.length) return place;
    throw new ActivityError(
      'UserErrorSourceColumnNotFound',
      `ErrorCode=UserErrorInvalidColumnMappingColumnNotFound, Column '${name ?? path ?? ordinal}' specified in column mapping cannot be found in source data.`,
    );
  });
  const columns = translator.mappings.map(
    ({ sink, type }, at): Column => ({ name: sink, type: type ?? table.columns[places[at] ?? 0]?.type ?? 'string' }),
  );
  async function* batches() {
    for await (const batch of table.batches) {
      yield batch.map((row) =>
        places.map((place, at) => {
          const wanted = translator?.mappings[at]?.type;
          return wanted === undefined ? row[place] : convert(row[place], wanted, columns[at]?.name ?? '');
        }),
      );
    }
  }
  return { columns, batches: batches() };
}

function convert(cell: Cell, type: ColumnType, column: string): Cell {
  if (cell === null || cell === undefined) return null;
  const text = cellText(cell).trim();
  const failed = (): ActivityError =>
    new ActivityError(
      'TypeConversionFailure',
      `ErrorCode=TypeConversionFailure, the value '${text}' of column '${column}' is no ${type}.`,
    );
  switch (type) {
    case 'int32':
    case 'int64':
      if (/^[-+]?\d+$/.test(text)) return type === 'int32' || Number.isSafeInteger(Number(text)) ? Number(text) : text;
      throw failed();
    case 'double':
    case 'decimal':
      if (text !== '' && !Number.isNaN(Number(text))) return type === 'decimal' ? text : Number(text);
      throw failed();
    case 'boolean':
      if (/^(true|1)$/i.test(text)) return true;
      if (/^(false|0)$/i.test(text)) return false;
      throw failed();
    case 'datetime': {
      const date = new Date(
        /[zZ]|[-+]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}${text.includes(':') ? 'Z' : ''}`,
      );
      if (Number.isNaN(date.getTime())) throw failed();
      const iso = date.toISOString();
      return `${iso.slice(0, 10)} ${iso.slice(11, 23)}0000`;
    }
    default:
      return typeof cell === 'string' ? cell : cellText(cell);
  }
}
