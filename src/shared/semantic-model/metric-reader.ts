import { messageOf } from '../errors.ts';
import { RequestProblem } from '../http/problem.ts';
import type { ColumnType, Definition } from './definition.ts';
import { findColumn, findMeasure, formatReference } from './find.ts';
import type { MetricQuery } from './metric-query.ts';
import { ModelServiceError } from './model-rest.ts';
import type { MetricRequest } from './parse-metric-request.ts';
import type { ModelRow, ModelValue, QueryableModel } from './semantic-model.ts';
import { shownVersions } from './shown-versions.ts';
import { toDaxQuery } from './to-dax-query.ts';

/** What the model answers: rows by columns, and which version of each dataset they are of. */
export interface MetricAnswer {
  readonly model: string;
  readonly versions: Readonly<Record<string, number>>;
  readonly columns: readonly MetricColumn[];
  readonly rows: readonly (readonly ModelValue[])[];
  readonly rowCount: number;
  /** There were more rows than the limit, or than the service gives. */
  readonly truncated: boolean;
}

export interface MetricColumn {
  readonly name: string;
  readonly kind: 'column' | 'measure';
  readonly type: ColumnType | 'number';
  readonly format?: string;
}

const ATTEMPTS = 4;

/** Asks one model again and again, and remembers which versions it showed last. */
export interface MetricReader {
  /**
   * Rows of one snapshot: when a refresh swaps the data between the question and the look at the versions, both are
   * repeated. @throws RequestProblem 409 before the first refresh, 429 when the service is asked too much, 502 when it fails
   */
  ask(request: MetricRequest): Promise<MetricAnswer>;
  versions(): Promise<Readonly<Record<string, number>>>;
}

/** The model's answers to questions in the words of its definition. */
export function createMetricReader(definition: Definition, model: QueryableModel): MetricReader {
  let seen: ReadonlyMap<string, number> | undefined;
  const look = async (): Promise<ReadonlyMap<string, number>> => {
    seen = await shownVersions(model);
    return seen;
  };
  return {
    versions: () => answering(model, async () => Object.fromEntries(await look())),
    ask: ({ query, limit }) =>
      answering(model, async () => {
        const dax = toDaxQuery(definition, query);
        let before = seen ?? (await look());
        for (let attempt = 1; ; attempt++) {
          const { rows, isTruncated } = await model.query(dax);
          const after = await look();
          if (!isSame(before, after)) {
            before = after;
            if (attempt < ATTEMPTS) continue;
            throw new RequestProblem(503, 'The model changes faster than it can be read; ask again in a moment.');
          }
          const columns = columnsOf(definition, query);
          return {
            model: definition.name,
            versions: Object.fromEntries(after),
            columns: columns.map(({ key: _, ...column }) => column),
            rows: rows.slice(0, limit).map((row) => columns.map(({ key, type }) => cell(row, key, type))),
            rowCount: Math.min(rows.length, limit),
            truncated: isTruncated || rows.length > limit,
          };
        }
      }),
  };
}

function columnsOf(
  definition: Definition,
  { by, measures }: MetricQuery,
): readonly (MetricColumn & { readonly key: string })[] {
  return [
    ...by.map((reference) => {
      const { type, format } = findColumn(definition, reference);
      const name = formatReference(reference);
      return { key: name, name, kind: 'column' as const, type, ...(format === undefined ? {} : { format }) };
    }),
    ...measures.map((name) => {
      const { format } = findMeasure(definition, name);
      return { key: `[${name}]`, name, kind: 'measure' as const, type: 'number' as const, format };
    }),
  ];
}

/** Days come with a time, which is none. */
function cell(row: ModelRow, key: string, type: MetricColumn['type']): ModelValue {
  const value = row[key] ?? null;
  return type === 'dateTime' && typeof value === 'string' ? value.replace(/T00:00:00(?:\.0+)?Z?$/, '') : value;
}

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([dataset, version]) => b.get(dataset) === version);
}

/** What the service fails at, as what the caller can make of it. */
async function answering<T>(model: QueryableModel, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestProblem) throw error;
    if (!(error instanceof ModelServiceError))
      throw new RequestProblem(502, `The semantic model's service does not answer: ${messageOf(error)}`);
    if (error.status === 429) throw new RequestProblem(429, 'The model is asked more than its service allows.');
    if (error.name === 'ModelQueryFailed' && (await wasNeverRefreshed(model)))
      throw new RequestProblem(409, 'The model holds nothing yet: it is refreshed after the first publication.');
    throw new RequestProblem(502, `The semantic model could not answer: ${error.message}`);
  }
}

async function wasNeverRefreshed(model: QueryableModel): Promise<boolean> {
  try {
    return !(await model.recentRefreshes()).some(({ state }) => state === 'completed');
  } catch {
    return false; // then the first error is the one to tell
  }
}
