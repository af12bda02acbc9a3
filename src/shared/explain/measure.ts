import { type Token, tokenize } from '../sql/tokens.ts';
import {
  closing,
  isWord,
  nameOf,
  parseSelectStatement,
  type Select,
  type SelectStatement,
  splitAt,
  textOf,
} from './select-statement.ts';

/** A measure that can be split over groups: a sum or count, or one divided by another, over the rows of a dataset. */
export interface Measure {
  readonly name: string;
  /** Aggregates in Spark SQL over the dataset's view. */
  readonly numerator: string;
  readonly denominator?: string;
  /** Which rows the insight looks at; all when absent. */
  readonly where?: string;
}

/**
 * The measures of an insight that can be explained, found in its SQL: columns that are SUM or COUNT, or a ratio of two, also
 * through named queries (`SUM(part)` over a query whose `part` is itself a SUM or COUNT). Minima, maxima and distinct counts do not
 * add up over groups and are left out.
 * @param view the name by which the SQL calls the dataset
 */
export function explainableMeasures(sql: string, view: string): readonly Measure[] {
  const statement = parseSelectStatement(sql);
  if (statement === undefined || statement.main.having) return [];
  return [...statement.main.items].flatMap(([name, expression]) => {
    const found = measureOf(statement, statement.main, expression, view.toLowerCase());
    return found === undefined ? [] : [{ name, ...found }];
  });
}

type Found = Omit<Measure, 'name'>;

function measureOf(statement: SelectStatement, select: Select, expression: string, view: string): Found | undefined {
  const tokens = unwrapped(tokenize(expression));
  const elsewhere = reference(statement, select, tokens);
  if (elsewhere !== undefined) return measureOf(statement, elsewhere.select, elsewhere.expression, view);
  const [top, bottom, ...more] = splitAt(tokens, '/');
  if (top === undefined || more.length > 0) return undefined;
  const numerator = aggregate(statement, select, top, view);
  if (numerator === undefined) return undefined;
  const where = numerator.where === undefined ? {} : { where: numerator.where };
  if (bottom === undefined) return { numerator: numerator.text, ...where };
  const denominator = aggregate(statement, select, bottom, view);
  if (denominator === undefined || denominator.where !== numerator.where) return undefined;
  return { numerator: numerator.text, denominator: denominator.text, ...where };
}

interface Aggregate {
  readonly text: string;
  readonly where?: string;
}

/** SUM(…) or COUNT(…) over the dataset's rows, looked up through named queries. */
function aggregate(
  statement: SelectStatement,
  select: Select,
  expression: readonly Token[],
  view: string,
): Aggregate | undefined {
  const tokens = unwrapped(expression);
  const isAggregate = isWord(tokens[0], 'SUM') || isWord(tokens[0], 'COUNT');
  if (!isAggregate || tokens[1]?.text !== '(' || closing(tokens, 1) !== tokens.length - 1) return undefined;
  if (isWord(tokens[2], 'DISTINCT')) return undefined;
  if (select.having) return undefined;
  if (select.sources.length === 1 && select.sources[0] === view && !statement.named.has(view)) {
    return { text: textOf(tokens), ...(select.where === undefined ? {} : { where: select.where }) };
  }
  const inner = reference(statement, select, tokens.slice(2, -1));
  if (!isWord(tokens[0], 'SUM') || inner === undefined || select.where !== undefined || select.sources.length !== 1) {
    return undefined;
  }
  return aggregate(statement, inner.select, tokenize(inner.expression), view);
}

/** The named query and the expression there that a bare column stands for. */
function reference(
  statement: SelectStatement,
  select: Select,
  tokens: readonly Token[],
): { readonly select: Select; readonly expression: string } | undefined {
  const column = tokens.at(-1);
  const isColumn = tokens.length === 1 || (tokens.length === 3 && tokens[1]?.text === '.');
  if (!isColumn || column === undefined || (column.kind !== 'word' && column.kind !== 'quoted')) return undefined;
  const [first] = tokens;
  const candidates = tokens.length === 3 && first ? [nameOf(first)] : select.sources;
  for (const name of candidates) {
    const named = statement.named.get(name);
    const expression = named?.items.get(nameOf(column));
    if (named !== undefined && expression !== undefined) return { select: named, expression };
  }
  return undefined;
}

/** Without what changes no value here: parentheses, CAST(… AS DOUBLE), NULLIF(…, 0). */
function unwrapped(tokens: readonly Token[]): readonly Token[] {
  const [first, second] = tokens;
  if (first?.text === '(' && closing(tokens, 0) === tokens.length - 1) return unwrapped(tokens.slice(1, -1));
  if (second?.text !== '(' || closing(tokens, 1) !== tokens.length - 1) return tokens;
  const inside = tokens.slice(2, -1);
  if (isWord(first, 'CAST') && isWord(inside.at(-2), 'AS') && isWord(inside.at(-1), 'DOUBLE')) {
    return unwrapped(inside.slice(0, -2));
  }
  if (isWord(first, 'NULLIF') && inside.at(-2)?.text === ',' && inside.at(-1)?.text === '0') {
    return unwrapped(inside.slice(0, -2));
  }
  return tokens;
}
