import type { HttpRequest } from '@azure/functions';
import type { ColumnType, Contract, Insight } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { RequestProblem } from './problem.ts';

type FilterValue = string | number | boolean;

/** The values of an insight's declared filters in a request, in the types of their columns. */
export function parseFilters(
  request: HttpRequest,
  datasets: Datasets,
  contract: Contract,
  insight: Insight,
): Record<string, FilterValue> {
  const filters: Record<string, FilterValue> = {};
  for (const name of insight.filters) {
    const text = request.query.get(name);
    if (text !== null) filters[name] = parseValue(name, text, filterType(datasets, contract, name));
  }
  return filters;
}

/** The type of a filter: that of the column of that name, of this dataset or of one that it combines with; else text. */
export function filterType(datasets: Datasets, contract: Contract, name: string): ColumnType {
  const own = contract.columns.find((column) => column.name === name);
  if (own !== undefined) return own.type;
  const combine = contract.combine?.find((candidate) => name in candidate.columns);
  const there =
    combine && datasets.get(combine.dataset)?.contract.columns.find((column) => column.name === combine.columns[name]);
  return there?.type ?? 'string';
}

function parseValue(name: string, text: string, type: ColumnType): FilterValue {
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new RequestProblem(400, `${name} must be true or false; it is '${text}'.`);
  }
  if (type === 'int' || type === 'bigint' || type === 'double') {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number))
      throw new RequestProblem(400, `${name} must be a number; it is '${text}'.`);
    if (type !== 'double' && !Number.isSafeInteger(number))
      throw new RequestProblem(400, `${name} must be a whole number; it is '${text}'.`);
    return number;
  }
  return text;
}
