import type { ColumnType, Contract, Insight } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { filterType } from '../http/insight-filters.ts';
import { MODEL_VERSIONS } from './openapi-models.ts';
import {
  COUNT,
  CURSOR,
  closed,
  type Json,
  json,
  LIMIT,
  NULLABLE_TEXT,
  operation,
  problem,
  query,
  ref,
  TEXT,
} from './openapi-parts.ts';

/** The paths of insights: the catalogue, and one for each insight that a contract declares. */
export function insightPaths(datasets: Datasets): Json {
  const declared = datasets.all.flatMap(({ contract }) =>
    (contract.insights ?? []).map(
      (insight) =>
        [`/api/insights/${contract.dataset}/${insight.name}`, insightPath(datasets, contract, insight)] as const,
    ),
  );
  return {
    '/api/insights': {
      get: operation(
        'listInsights',
        'What can be asked for',
        json('The insights', items('insights', ref('InsightEntry'))),
      ),
    },
    ...Object.fromEntries(declared),
  };
}

function insightPath(datasets: Datasets, contract: Contract, insight: Insight): Json {
  const filters = insight.filters.map((name) =>
    query(
      name,
      SCHEMA_OF[filterType(datasets, contract, name)],
      contract.columns.find((column) => column.name === name)?.description ?? `Only rows with this ${name}`,
    ),
  );
  const described = operation(
    `query-${contract.dataset}-${insight.name}`,
    insight.description,
    json('A page of rows', insightPage(contract, insight)),
    [...filters, LIMIT, CURSOR],
  );
  return {
    get: {
      ...described,
      responses: {
        ...(described.responses as Json),
        304: { description: 'Unchanged since the ETag of If-None-Match' },
        410: problem('The cursor is of an older version'),
      },
    },
  };
}

/** A page of an insight: its key and filters are described, the other columns are as its SQL makes them. */
function insightPage({ dataset, columns }: Contract, { name, key }: Insight): Json {
  const typeOf = (column: string): Json => {
    const own = columns.find((candidate) => candidate.name === column);
    return own === undefined ? {} : SCHEMA_OF[own.type];
  };
  const row = {
    type: 'object',
    required: key,
    properties: Object.fromEntries(key.map((column) => [column, typeOf(column)])),
  };
  return closed({
    dataset: { const: dataset },
    insight: { const: name },
    version: COUNT,
    publishedAt: NULLABLE_TEXT,
    modelVersions: MODEL_VERSIONS,
    items: { type: 'array', items: row },
    next: NULLABLE_TEXT,
  });
}

function items(name: string, schema: Json): Json {
  return closed({ [name]: { type: 'array', items: schema } });
}

const SCHEMA_OF: Readonly<Record<ColumnType, Json>> = {
  string: { type: 'string' },
  int: { type: 'integer' },
  bigint: { type: 'integer' },
  double: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  timestamp: { type: 'string', format: 'date-time' },
};

/** The schemas that these paths name. */
export const INSIGHT_SCHEMAS: Json = {
  InsightEntry: closed({
    dataset: TEXT,
    insight: TEXT,
    description: TEXT,
    key: { type: 'array', items: TEXT },
    filters: { type: 'array', items: TEXT },
    href: TEXT,
    version: { type: ['integer', 'null'] },
    publishedAt: NULLABLE_TEXT,
    rows: COUNT,
    modelVersions: MODEL_VERSIONS,
  }),
};
