import type { ColumnType, Dataset, Insight } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { RequestProblem } from '../http/problem.ts';
import { columnsOf, type ExplainColumn } from './columns.ts';
import { explainableMeasures, type Measure } from './measure.ts';

/** Rows of a period: every condition holds. */
export type Condition =
  | { readonly column: ExplainColumn; readonly oneOf: readonly string[] }
  | { readonly column: ExplainColumn; readonly from?: string; readonly before?: string };

/** What is to be explained, checked. */
export interface ExplainRequest {
  readonly dataset: Dataset;
  readonly insight: Insight;
  readonly measure: Measure;
  readonly columns: ReadonlyMap<string, ExplainColumn>;
  readonly periods: Readonly<Record<'from' | 'to', readonly Condition[]>>;
  readonly dimensions: readonly ExplainColumn[];
  /** How many values of each dimension are told one by one. */
  readonly top: number;
}

type Fields = Readonly<Record<string, unknown>>;

const FIELDS = ['dataset', 'insight', 'measure', 'from', 'to', 'filters', 'dimensions', 'top'];
const MOST_DIMENSIONS = 8;
const MOST_VALUES = 100;

/**
 * Parses the body of POST /api/explain: `{dataset, insight, measure, from, to, filters?, dimensions?, top?}`. `from` and `to` are
 * conditions by column: a value, a list of values, or `{from?, before?}` for a range. `filters` hold in both periods.
 * @throws RequestProblem 400 or 404 naming the field, with what there is
 */
export function parseExplainRequest(body: unknown, datasets: Datasets): ExplainRequest {
  const fields = object(body, 'The body must be a JSON object.');
  const unknown = Object.keys(fields).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; the body takes ${FIELDS.join(', ')}.`);
  const dataset = datasets.get(text(fields, 'dataset'));
  const insights = dataset?.contract.insights ?? [];
  const insight = insights.find(({ name }) => name === text(fields, 'insight'));
  if (dataset === undefined || insight === undefined)
    throw new RequestProblem(
      404,
      `There is no such insight of dataset '${fields.dataset}'; GET /api/insights lists them.`,
    );
  const columns = columnsOf(datasets, dataset.contract);
  const filters = conditions(fields.filters ?? {}, 'filters', columns);
  const periods = {
    from: [...filters, ...conditions(fields.from, 'from', columns)],
    to: [...filters, ...conditions(fields.to, 'to', columns)],
  };
  return {
    dataset,
    insight,
    measure: parseMeasure(text(fields, 'measure'), dataset, insight),
    columns,
    periods,
    dimensions: parseDimensions(fields.dimensions, columns, insights, periods),
    top: parseTop(fields.top),
  };
}

function parseMeasure(name: string, { contract, statements }: Dataset, insight: Insight): Measure {
  const measures = explainableMeasures(statements[insight.name] ?? '', contract.dataset.replaceAll('-', '_'));
  const measure = measures.find((candidate) => candidate.name === name.toLowerCase());
  if (measure !== undefined) return measure;
  const there = measures.map((candidate) => candidate.name).join(', ');
  throw new RequestProblem(
    400,
    `measure '${name}' of ${insight.name} cannot be split: only sums, counts and ratios of them add up. ${
      there === '' ? 'This insight has none.' : `This insight has ${there}.`
    }`,
  );
}

function conditions(value: unknown, where: string, columns: ReadonlyMap<string, ExplainColumn>): Condition[] {
  const fields = object(
    value,
    `${where} must be an object of conditions by column, such as {"year": 2013, "month": 1}.`,
  );
  return Object.entries(fields).map(([name, entry]) => {
    const column = columnNamed(name, where, columns);
    const at = `${where}.${name}`;
    if (Array.isArray(entry)) {
      if (entry.length === 0 || entry.length > MOST_VALUES)
        throw new RequestProblem(400, `${at} must list 1 to ${MOST_VALUES} values.`);
      return { column, oneOf: entry.map((one) => scalar(one, at, column.type)) };
    }
    if (typeof entry === 'object' && entry !== null) return range(entry as Fields, at, column);
    return { column, oneOf: [scalar(entry, at, column.type)] };
  });
}

function range(fields: Fields, at: string, column: ExplainColumn): Condition {
  const names = Object.keys(fields);
  if (names.length === 0 || names.some((name) => name !== 'from' && name !== 'before'))
    throw new RequestProblem(400, `${at} must be a value, a list of values, or a range {"from": …, "before": …}.`);
  return {
    column,
    ...(fields.from === undefined ? {} : { from: scalar(fields.from, `${at}.from`, column.type) }),
    ...(fields.before === undefined ? {} : { before: scalar(fields.before, `${at}.before`, column.type) }),
  };
}

const PATTERNS: Readonly<Record<ColumnType, RegExp>> = {
  string: /^[\s\S]*$/,
  int: /^-?\d{1,10}$/,
  bigint: /^-?\d{1,19}$/,
  double: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  boolean: /^(true|false)$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  timestamp: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$/,
};

function scalar(value: unknown, at: string, type: ColumnType): string {
  const written =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  if (written === undefined || !PATTERNS[type].test(written))
    throw new RequestProblem(400, `${at} must be of type ${type}; it is ${JSON.stringify(value)}.`);
  return written;
}

/** Unless told, the keys and filters of the dataset's insights, without those that tell the periods apart. */
function parseDimensions(
  value: unknown,
  columns: ReadonlyMap<string, ExplainColumn>,
  insights: readonly Insight[],
  periods: ExplainRequest['periods'],
): readonly ExplainColumn[] {
  if (value === undefined) {
    const used = new Set([...periods.from, ...periods.to].map(({ column }) => column.name));
    const names = new Set(insights.flatMap(({ key, filters }) => [...filters, ...key]));
    return [...names]
      .flatMap((name) => columns.get(name) ?? [])
      .filter(({ name, type }) => type === 'string' && !used.has(name))
      .slice(0, MOST_DIMENSIONS);
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_DIMENSIONS)
    throw new RequestProblem(400, `dimensions must list 1 to ${MOST_DIMENSIONS} columns.`);
  return [...new Set(value.map(String))].map((name) => columnNamed(name, 'dimensions', columns));
}

function columnNamed(name: string, where: string, columns: ReadonlyMap<string, ExplainColumn>): ExplainColumn {
  const column = columns.get(name);
  if (column !== undefined) return column;
  throw new RequestProblem(400, `${where}: there is no column '${name}'; there are ${[...columns.keys()].join(', ')}.`);
}

function parseTop(value: unknown): number {
  if (value === undefined) return 10;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST_VALUES)
    throw new RequestProblem(
      400,
      `top must be a whole number from 1 to ${MOST_VALUES}; it is ${JSON.stringify(value)}.`,
    );
  return value;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new RequestProblem(400, `${name} must be a text.`);
  return value;
}

function object(value: unknown, otherwise: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RequestProblem(400, otherwise);
  return value as Fields;
}
