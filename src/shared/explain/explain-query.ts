import type { ColumnType, Combine, Contract } from '../contracts/contract.ts';
import { explodes } from '../contracts/explodes.ts';
import type { StatementParameter } from '../databricks/statement-client.ts';
import { tableName } from '../sql/table-names.ts';
import { tokenize } from '../sql/tokens.ts';
import type { Condition, ExplainRequest } from './parse-request.ts';

/** A query with its parameters. */
export interface Query {
  readonly statement: string;
  readonly parameters: readonly StatementParameter[];
}

/** Where the queries read: the catalog, and the published Delta version of each dataset; a dataset without one is read as it is. */
export interface Sources {
  readonly catalog: string;
  readonly versions: ReadonlyMap<string, number>;
  /** Datasets that keep every version of a row. */
  readonly histories: ReadonlySet<string>;
}

export type Period = 'from' | 'to';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'STRING',
  int: 'INT',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

/** The measure's parts in both periods: one row for the whole (dimension null) and one for each value of each dimension. */
export function amountsQuery(request: ExplainRequest, sources: Sources): Query {
  const { measure, dimensions } = request;
  const source = bothPeriods(request, sources);
  const aggregates = [
    `${measure.numerator} AS numerator`,
    `${measure.denominator ?? 'CAST(NULL AS BIGINT)'} AS denominator`,
    'COUNT(*) AS row_count',
  ].join(', ');
  const whole = `SELECT CAST(NULL AS STRING) AS dimension, CAST(NULL AS STRING) AS value, period, ${aggregates} FROM rows_of_both GROUP BY period`;
  const splits = dimensions.map(
    ({ name }) =>
      `SELECT '${name}' AS dimension, CAST(${quoted(name)} AS STRING) AS value, period, ${aggregates} FROM rows_of_both GROUP BY ${quoted(name)}, period`,
  );
  return { ...source, statement: `${source.statement}\n${[whole, ...splits].join('\nUNION ALL\n')}` };
}

/** The files and batches that brought the rows of each period, with the models that scored them. */
export function filesQuery(request: ExplainRequest, sources: Sources): Query {
  const source = bothPeriods(request, sources);
  const model = request.columns.has('_model_version') ? '_model_version' : 'CAST(NULL AS STRING)';
  return {
    ...source,
    statement: `${source.statement}
SELECT period, _file AS file, _batch AS batch, ${model} AS model, COUNT(*) AS row_count
FROM rows_of_both
GROUP BY period, _file, _batch, ${model}`,
  };
}

/** The source rows of one value of a dimension in a period; the parameter `value` is left to be filled. */
export function rowsQuery(request: ExplainRequest, sources: Sources, dimension: string, period: Period): Query {
  const { contract } = request.dataset;
  const mentioned = words(`${request.measure.numerator} ${request.measure.denominator ?? ''}`);
  const shown = new Set([
    ...[...places(contract), ...(contract.identity.key ?? [])],
    ...[...request.columns.keys()].filter((name) => mentioned.has(name)),
    dimension,
  ]);
  const dimensions = request.dimensions.filter(({ name }) => name === dimension);
  const source = rowsOf({ ...request, dimensions }, sources, period);
  return {
    statement: `SELECT ${[...shown].map(quoted).join(', ')} FROM (${source.statement}) AS rows_of_period WHERE CAST(${quoted(dimension)} AS STRING) <=> :value ORDER BY ${places(contract).join(', ')}`,
    parameters: [...source.parameters, { name: 'value', type: 'STRING', value: null }],
  };
}

/** A row as its file brought it: the parameters `file`, `line`, `batch` (and `item`, where it has one) are left to be filled. */
export function sourceQuery(request: ExplainRequest, { catalog }: Sources): Query {
  const { contract } = request.dataset;
  const names = places(contract).map((column) => column.slice(1));
  const conditions = names.map((name) => `_${name} = :${name}`);
  return {
    statement: `SELECT * FROM ${tableName(catalog, 'bronze', contract.dataset)} WHERE ${conditions.join(' AND ')}`,
    parameters: names.map((name) => ({
      name,
      type: name === 'line' || name === 'item' ? 'INT' : 'STRING',
      value: null,
    })),
  };
}

/** The columns that tell where a row came from, in bronze and silver alike. */
function places(contract: Contract): readonly string[] {
  return ['_file', '_line', ...(explodes(contract) ? ['_item'] : []), '_batch'];
}

/** A row that lies in both periods counts in both. */
function bothPeriods(request: ExplainRequest, sources: Sources): Query {
  const from = rowsOf(request, sources, 'from');
  const to = rowsOf(request, sources, 'to');
  return {
    statement: `WITH rows_of_both AS (
${from.statement}
UNION ALL
${to.statement}
)`,
    parameters: [...from.parameters, ...to.parameters],
  };
}

/** The dataset's view as its insights see it, joined only with the references that are asked for, in one period. */
function rowsOf(request: ExplainRequest, sources: Sources, period: Period): Query {
  const { dataset, measure, dimensions, columns } = request;
  const conditions = request.periods[period];
  const needed = new Set([
    ...words([measure.numerator, measure.denominator, measure.where].join(' ')),
    ...dimensions.map(({ name }) => name),
    ...conditions.map(({ column }) => column.name),
  ]);
  const joins = (dataset.contract.combine ?? []).flatMap((combine, index) => {
    const used = Object.keys(combine.columns).filter(
      (name) => needed.has(name) && columns.get(name)?.combine === combine,
    );
    return used.length === 0 ? [] : [{ combine, used, alias: `reference_${index}` }];
  });
  const added = joins.flatMap(({ combine, used, alias }) =>
    used.map((name) => `${alias}.${quoted(combine.columns[name] ?? name)} AS ${quoted(name)}`),
  );
  const { texts, parameters } = writeConditions(conditions, period);
  const where = [...texts, ...(measure.where === undefined ? [] : [`(${measure.where})`])];
  return {
    statement: [
      `SELECT '${period}' AS period, * FROM (SELECT ${['main_rows.*', ...added].join(', ')}`,
      `FROM ${versioned(sources, dataset.contract.dataset)} AS main_rows`,
      ...joins.map(({ combine, alias }) => join(sources, combine, alias)),
      `) AS combined${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}`,
    ].join(' '),
    parameters,
  };
}

function join(sources: Sources, combine: Combine, alias: string): string {
  const on = Object.entries(combine.on).map(
    ([ours, theirs]) => `main_rows.${quoted(ours)} = ${alias}.${quoted(theirs)}`,
  );
  return `LEFT JOIN ${versioned(sources, combine.dataset)} AS ${alias} ON ${[...on, ...holding(sources, combine, alias)].join(' AND ')}`;
}

/** Which version of the reference's row is meant, where it keeps them all: as `transforms/combine.py` has it. */
function holding({ histories }: Sources, { dataset, as_of }: Combine, alias: string): readonly string[] {
  if (!histories.has(dataset)) return [];
  if (as_of === undefined) return [`${alias}.is_current`];
  const moment = `CAST(main_rows.${quoted(as_of)} AS TIMESTAMP)`;
  return [`${moment} >= ${alias}.valid_from`, `${moment} < ${alias}.valid_to`];
}

function versioned({ catalog, versions }: Sources, dataset: string): string {
  const version = versions.get(dataset);
  return `${tableName(catalog, 'silver', dataset)}${version === undefined ? '' : ` VERSION AS OF ${version}`}`;
}

function writeConditions(
  conditions: readonly Condition[],
  period: Period,
): { readonly texts: readonly string[]; readonly parameters: readonly StatementParameter[] } {
  const parameters: StatementParameter[] = [];
  const bind = (value: string, type: ColumnType): string => {
    const name = `${period}_${parameters.length}`;
    parameters.push({ name, value, type: SQL_TYPES[type] });
    return `:${name}`;
  };
  const texts = conditions.flatMap((condition) => {
    const { column } = condition;
    const name = quoted(column.name);
    if ('oneOf' in condition)
      return [`${name} IN (${condition.oneOf.map((value) => bind(value, column.type)).join(', ')})`];
    return [
      ...(condition.from === undefined ? [] : [`${name} >= ${bind(condition.from, column.type)}`]),
      ...(condition.before === undefined ? [] : [`${name} < ${bind(condition.before, column.type)}`]),
    ];
  });
  return { texts, parameters };
}

function words(sql: string): ReadonlySet<string> {
  return new Set(
    tokenize(sql)
      .filter(({ kind }) => kind === 'word')
      .map(({ text }) => text),
  );
}

/** Names come from contracts, whose schema allows letters, digits and underscores only. */
function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
