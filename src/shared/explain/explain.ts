import { keepsHistory } from '../contracts/history.ts';
import type { StatementParameter } from '../databricks/statement-client.ts';
import { RequestProblem } from '../http/problem.ts';
import type { Services } from '../services.ts';
import { type Row, readAll } from '../sql/read-all.ts';
import { type Amount, DECIMALS, type Decomposition, decompose, type Group, NoValue, type Part } from './decompose.ts';
import {
  amountsQuery,
  filesQuery,
  type Period,
  type Query,
  rowsQuery,
  type Sources,
  sourceQuery,
} from './explain-query.ts';
import { divide, type Fraction, parseFraction, toNumber, ZERO } from './fraction.ts';
import type { ExplainRequest } from './parse-request.ts';
import { behind, differences, refused } from './provenance.ts';

const METHODS = {
  sum: 'Difference of sums: each group contributes its own change.',
  ratio:
    'Kitagawa (1955), symmetric: rate = mean share × change of the ratio; mix = (mean ratio − mean of the whole) × change of the share. ' +
    'Contributions add up to the change exactly.',
} as const;

/** Explains the change of an insight's measure: who contributes how much, what stands behind the rows, and how to see them. */
export async function explain(services: Services, request: ExplainRequest): Promise<object> {
  const { sql, files, runs, publications, datasets } = services;
  const { contract } = request.dataset;
  const { dataset } = contract;
  const names = [dataset, ...(contract.combine ?? []).map((combine) => combine.dataset)];
  const published = new Map(
    await Promise.all(names.map(async (name) => [name, await publications.get(name)] as const)),
  );
  const publication = published.get(dataset);
  if (publication === undefined)
    throw new RequestProblem(409, `Nothing of '${dataset}' has been published yet: there is nothing to explain.`);
  const sources: Sources = {
    catalog: sql.limits.catalog,
    histories: new Set(
      datasets.all.filter(({ contract }) => keepsHistory(contract)).map(({ contract }) => contract.dataset),
    ),
    versions: new Map(
      [...published].flatMap(([name, served]) =>
        served?.silverVersion === undefined ? [] : [[name, served.silverVersion] as const],
      ),
    ),
  };
  const ask = ({ statement, parameters }: Query): Promise<readonly Row[]> =>
    readAll(sql.client(), statement, parameters, sql.limits);
  const [amounts, origins] = await Promise.all([
    ask(amountsQuery(request, sources)),
    ask(filesQuery(request, sources)),
  ]);
  const whole = groupsOf(amounts, null, request);
  const change = decomposed(whole).change;
  const [from, to, refusedFiles] = await Promise.all([
    behind(origins, 'from', dataset, { files, runs }),
    behind(origins, 'to', dataset, { files, runs }),
    refused(files, dataset),
  ]);
  return {
    dataset,
    insight: request.insight.name,
    measure: request.measure.name,
    version: publication.version,
    method: request.measure.denominator === undefined ? METHODS.sum : METHODS.ratio,
    from: wholeOf(whole, 'from', amounts),
    to: wholeOf(whole, 'to', amounts),
    change: fromUnits(change),
    dimensions: request.dimensions.map(({ name }) => ({
      dimension: name,
      ...presentParts(decomposed(groupsOf(amounts, name, request)), groupsOf(amounts, name, request), request.top),
      rows: {
        from: toSqlBody(rowsQuery(request, sources, name, 'from')),
        to: toSqlBody(rowsQuery(request, sources, name, 'to')),
      },
    })),
    differences: differences(from, to),
    behind: { from, to },
    refusedFiles,
    source: toSqlBody(sourceQuery(request, sources)),
  };
}

type ValueGroup = Group<string | null>;

function groupsOf(amounts: readonly Row[], dimension: string | null, { measure }: ExplainRequest): ValueGroup[] {
  const isRatio = measure.denominator !== undefined;
  const nothing: Amount = isRatio ? { numerator: ZERO, denominator: ZERO } : { numerator: ZERO };
  const groups = new Map<string | null, ValueGroup>();
  for (const row of amounts.filter((candidate) => candidate.dimension === dimension)) {
    const key = row.value ?? null;
    const amount: Amount = {
      numerator: exact(row.numerator, measure.numerator),
      ...(isRatio ? { denominator: exact(row.denominator, measure.denominator ?? '') } : {}),
    };
    const known = groups.get(key) ?? { key, from: nothing, to: nothing };
    groups.set(key, { ...known, [row.period === 'from' ? 'from' : 'to']: amount });
  }
  // The whole of no rows is a whole: a sum of zero, a ratio without a value.
  if (dimension === null && groups.size === 0) return [{ key: null, from: nothing, to: nothing }];
  return [...groups.values()];
}

/** SUM over no value is NULL: it brings nothing. */
function exact(text: string | null | undefined, expression: string): Fraction {
  if (text === null || text === undefined) return ZERO;
  const fraction = parseFraction(text);
  if (fraction === undefined) throw new RequestProblem(422, `${expression} is ${text}, which cannot be split.`);
  return fraction;
}

function decomposed(groups: readonly ValueGroup[]): Decomposition<string | null> {
  try {
    return decompose(groups);
  } catch (error) {
    if (error instanceof NoValue) throw new RequestProblem(422, `${error.message} Check the filters of that period.`);
    throw error;
  }
}

function presentParts(
  { parts, change }: Decomposition<string | null>,
  groups: readonly ValueGroup[],
  top: number,
): object {
  const byKey = new Map(groups.map((group) => [group.key, group]));
  const largestFirst = [...parts].sort((a, b) => compare(magnitude(b.contribution), magnitude(a.contribution)));
  const rest = largestFirst.slice(top);
  return {
    values: largestFirst.slice(0, top).map((part) => ({
      value: part.key,
      ...presentPart(part, change),
      from: presentAmount(byKey.get(part.key)?.from),
      to: presentAmount(byKey.get(part.key)?.to),
    })),
    others: rest.length === 0 ? null : { count: rest.length, ...presentPart(rest.reduce(together), change) },
  };
}

function together(a: Part<string | null>, b: Part<string | null>): Part<string | null> {
  const contribution = a.contribution + b.contribution;
  if (a.mix === undefined || b.mix === undefined || a.rate === undefined || b.rate === undefined)
    return { key: null, contribution };
  return { key: null, contribution, mix: a.mix + b.mix, rate: a.rate + b.rate };
}

function presentPart({ contribution, mix, rate }: Part<string | null>, change: bigint): object {
  return {
    contribution: fromUnits(contribution),
    ...(mix === undefined ? {} : { mix: fromUnits(mix) }),
    ...(rate === undefined ? {} : { rate: fromUnits(rate) }),
    shareOfChange: change === 0n ? null : Number(contribution) / Number(change),
  };
}

function presentAmount(amount: Amount | undefined): object | null {
  if (amount === undefined) return null;
  const { numerator, denominator } = amount;
  if (denominator === undefined) return { value: toNumber(numerator) };
  const value = divide(numerator, denominator);
  return {
    value: value === undefined ? null : toNumber(value),
    numerator: toNumber(numerator),
    denominator: toNumber(denominator),
  };
}

function wholeOf(whole: readonly ValueGroup[], period: Period, amounts: readonly Row[]): object {
  const row = amounts.find((candidate) => candidate.dimension === null && candidate.period === period);
  return { ...presentAmount(whole[0]?.[period]), rows: Number(row?.row_count ?? 0) };
}

/** A body for POST /api/sql. */
function toSqlBody({ statement, parameters }: Query): object {
  const entry = ({ name, value, type }: StatementParameter) => [name, { value, type }] as const;
  return { href: '/api/sql', statement, parameters: Object.fromEntries(parameters.map(entry)) };
}

/** Units as the decimal number that they are, so that decimals add up as the units do. */
function fromUnits(units: bigint): number {
  const digits = magnitude(units)
    .toString()
    .padStart(DECIMALS + 1, '0');
  return Number(`${units < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
