import type { Answer } from '../http/answer.ts';
import { refuse } from '../http/answer.ts';
import { compileQuery } from './compile-query.ts';
import type { Container } from './container.ts';
import { partitionPath } from './partition-key.ts';

/** A query as a client sends it. */
export interface QueryRequest {
  readonly query: string;
  readonly parameters: { name: string; value: unknown }[];
  readonly partition: { readonly value: unknown } | undefined;
  readonly crossPartition: boolean;
  readonly maxItemCount: number;
  readonly continuation: string | undefined;
}

interface Page {
  readonly result: unknown[];
  readonly continuation: { readonly token: string } | null;
}

/** Runs a query over one partition or all, and gives one page of its result. */
export function runQuery(container: Container, request: QueryRequest): Answer {
  const { collection } = container;
  try {
    const query = compileQuery(collection, request.query);
    const path = partitionPath(collection);
    const single = request.partition !== undefined || path === undefined || request.crossPartition;
    if (!single && !query.containsPartitionKeys([`/${path.join('/')}`])) {
      return refuse(400, 'BadRequest', 'Cross partition query is required but disabled.');
    }
    const page = query.exec(container.documents(request.partition), {
      parameters: request.parameters,
      udf: collection.userDefinedFunctions.functions,
      maxItemCount: request.maxItemCount,
      ...(request.continuation === undefined ? {} : { continuation: JSON.parse(request.continuation) }),
      compositeIndexes: (collection.read().indexingPolicy?.compositeIndexes ?? []).map((index) =>
        index.map((part) => ({ order: 'ascending' as const, ...part })),
      ),
    }) as Page;
    return {
      status: 200,
      body: { _rid: container.rid, Documents: page.result, _count: page.result.length },
      headers: {
        'x-ms-item-count': String(page.result.length),
        ...(page.continuation === null ? {} : { 'x-ms-continuation': JSON.stringify(page.continuation) }),
      },
    };
  } catch (error) {
    return refuse(400, 'BadRequest', error instanceof Error ? error.message : String(error));
  }
}
