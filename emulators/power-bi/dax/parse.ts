import { parseExpression } from './parse-expression.ts';
import type { Expression, OrderKey, Query } from './syntax.ts';
import { TokenReader } from './token-reader.ts';

/** Reads a query: `[DEFINE MEASURE …] EVALUATE table [ORDER BY …]`. @throws DaxError */
export function parseQuery(source: string): Query {
  const tokens = new TokenReader(source);
  const measures = tokens.takeWord('DEFINE') ? readDefinitions(tokens) : new Map<string, Expression>();
  tokens.expectWord('EVALUATE');
  const table = parseExpression(tokens);
  const orderBy: OrderKey[] = [];
  if (tokens.takeWord('ORDER')) {
    tokens.expectWord('BY');
    do {
      const expression = parseExpression(tokens);
      const descending = tokens.takeWord('DESC');
      if (!descending) tokens.takeWord('ASC');
      orderBy.push({ expression, descending });
    } while (tokens.takeSymbol(','));
  }
  tokens.expectEnd();
  return { measures, table, orderBy };
}

/** Reads the expression of a measure. @throws DaxError */
export function parseMeasure(source: string): Expression {
  const tokens = new TokenReader(source);
  const expression = parseExpression(tokens);
  tokens.expectEnd();
  return expression;
}

function readDefinitions(tokens: TokenReader): Map<string, Expression> {
  const measures = new Map<string, Expression>();
  while (tokens.takeWord('MEASURE')) {
    if (!['quoted', 'word'].includes(tokens.take().kind)) throw tokens.error();
    const name = tokens.take();
    if (name.kind !== 'bracket') throw tokens.error();
    tokens.expectSymbol('=');
    measures.set(name.text.toLowerCase(), parseExpression(tokens));
  }
  if (measures.size === 0) throw tokens.error();
  return measures;
}
