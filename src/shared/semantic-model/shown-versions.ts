import type { QueryableModel } from './semantic-model.ts';

const QUESTION =
  'EVALUATE\nSUMMARIZECOLUMNS(Publication[Dataset], Publication[Version])\nORDER BY Publication[Dataset]';

/** Which version of each dataset the model shows, from its hidden table; a dataset that it does not know is missing. */
export async function shownVersions(model: QueryableModel): Promise<ReadonlyMap<string, number>> {
  const { rows } = await model.query(QUESTION);
  return new Map(
    rows.map((row) => [String(row['Publication[Dataset]'] ?? ''), Number(row['Publication[Version]'] ?? 0)] as const),
  );
}
