/** The layers of the lake that are schemas of the catalog. */
export type Layer = 'bronze' | 'silver' | 'gold';

/** The three-level name of a dataset's table; a catalog's names have no dashes. */
export function tableName(catalog: string, layer: Layer, dataset: string): string {
  return `${catalog}.${layer}.${dataset.replaceAll('-', '_')}`;
}
