import {
  DefinitionError,
  type JsonObject,
  listField,
  optionalString,
  readObject,
  requiredString,
} from '../definitions/json.ts';

/** What a query of runs asks for (RunFilterParameters). */
export interface RunFilter {
  readonly updatedAfter: string;
  readonly updatedBefore: string;
  readonly from: number;
  readonly conditions: readonly {
    readonly operand: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
  readonly orderBy: readonly { readonly operand: string; readonly descending: boolean }[];
}

const PAGE_SIZE = 100;
const OPERATORS: readonly string[] = ['Equals', 'NotEquals', 'In', 'NotIn'];

/** Reads a query's body. Times become ISO texts that compare as texts. */
export function readRunFilter(body: JsonObject): RunFilter {
  const time = (key: string): string => {
    const date = new Date(requiredString(body, key, 'the filter'));
    if (Number.isNaN(date.getTime())) throw new DefinitionError(`'${key}' must be a time in ISO 8601.`);
    return date.toISOString();
  };
  return {
    // Stored times have four digits more.
    updatedAfter: time('lastUpdatedAfter').replace('Z', '0000Z'),
    updatedBefore: time('lastUpdatedBefore').replace('Z', '9999Z'),
    from: Number(Buffer.from(optionalString(body, 'continuationToken') ?? '', 'base64').toString() || 0),
    conditions: listField(body, 'filters').map((one) => {
      const filter = readObject(one, 'A filter');
      const operator = requiredString(filter, 'operator', 'a filter');
      if (!OPERATORS.includes(operator))
        throw new DefinitionError(`'${operator}' is no operator; use ${OPERATORS.join(', ')}.`);
      return {
        operand: requiredString(filter, 'operand', 'a filter'),
        operator,
        values: listField(filter, 'values').map((value) => String(value).toLowerCase()),
      };
    }),
    orderBy: listField(body, 'orderBy').map((one) => {
      const order = readObject(one, 'An order');
      return {
        operand: requiredString(order, 'orderBy', 'an order'),
        descending: optionalString(order, 'order') === 'DESC',
      };
    }),
  };
}

/** Filters, orders and pages what a query found; `read` gives an operand's value of an item. */
export function applyRunFilter<T>(
  items: readonly T[],
  filter: RunFilter,
  read: (item: T, operand: string) => string | undefined,
): { readonly value: readonly T[]; readonly continuationToken?: string } {
  const kept = items.filter((item) =>
    filter.conditions.every(({ operand, operator, values }) => {
      const value = read(item, operand);
      if (value === undefined) throw new DefinitionError(`'${operand}' is no operand of this query.`);
      const isIn = values.includes(value.toLowerCase());
      return operator === 'Equals' || operator === 'In' ? isIn : !isIn;
    }),
  );
  const ordered = [...kept].sort((a, b) => {
    for (const { operand, descending } of filter.orderBy) {
      const [x, y] = [read(a, operand) ?? '', read(b, operand) ?? ''];
      if (x !== y) return (x < y ? -1 : 1) * (descending ? -1 : 1);
    }
    return 0;
  });
  const end = filter.from + PAGE_SIZE;
  const value = ordered.slice(filter.from, end);
  if (end >= ordered.length) return { value };
  return { value, continuationToken: Buffer.from(String(end)).toString('base64') };
}
