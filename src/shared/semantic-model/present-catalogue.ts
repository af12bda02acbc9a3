import type { Definition } from './definition.ts';
import { formatReference } from './find.ts';
import type { ModelService } from './semantic-model.ts';

/** What can be asked for: all that the model does not hide. */
export function presentCatalogue(
  { name, description, measures, tables }: Definition,
  services: readonly ModelService[],
  versions: Readonly<Record<string, number>> | null,
): object {
  return {
    model: name,
    description,
    services,
    versions,
    measures: measures.map((measure) => ({
      measure: measure.name,
      description: measure.description,
      format: measure.format,
      folder: measure.folder ?? null,
    })),
    columns: tables
      .filter(({ hidden }) => !hidden)
      .flatMap((table) =>
        table.columns
          .filter(({ hidden }) => !hidden)
          .map((column) => ({
            column: formatReference({ table: table.name, column: column.name }),
            description: column.description,
            type: column.type,
          })),
      ),
  };
}
