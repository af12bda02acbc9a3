import type { ColumnReference, Definition, Visual } from '../../src/shared/semantic-model/definition.ts';
import { factTable } from '../../src/shared/semantic-model/find.ts';
import { stableName } from './identity.ts';

const SCHEMAS = 'https://developer.microsoft.com/json-schemas/fabric/item/report/definition';

/** The files of a report's `definition` folder (PBIR), by path; the schema versions are ones that older Desktops read too. */
export function toReport(definition: Definition): ReadonlyMap<string, object> {
  const { page, visuals } = definition.report;
  const name = stableName(`${definition.name} page ${page}`);
  const files = new Map<string, object>([
    ['version.json', { $schema: `${SCHEMAS}/versionMetadata/1.0.0/schema.json`, version: '2.0.0' }],
    ['report.json', { $schema: `${SCHEMAS}/report/3.1.0/schema.json`, themeCollection: {} }],
    [
      'pages/pages.json',
      { $schema: `${SCHEMAS}/pagesMetadata/1.0.0/schema.json`, pageOrder: [name], activePageName: name },
    ],
    [
      `pages/${name}/page.json`,
      {
        $schema: `${SCHEMAS}/page/2.0.0/schema.json`,
        name,
        displayName: page,
        displayOption: 'FitToPage',
        height: 720,
        width: 1280,
      },
    ],
  ]);
  visuals.forEach((visual, index) => {
    const id = stableName(`${definition.name} page ${page} visual ${index} ${visual.kind}`);
    files.set(`pages/${name}/visuals/${id}/visual.json`, container(definition, visual, id, index));
  });
  return files;
}

function container(definition: Definition, visual: Visual, name: string, index: number): object {
  const [x, y, width, height] = visual.at;
  const order = index * 1000;
  return {
    $schema: `${SCHEMAS}/visualContainer/2.4.0/schema.json`,
    name,
    position: { x, y, z: order, height, width, tabOrder: order },
    visual: { ...content(definition, visual), drillFilterOtherVisuals: true },
  };
}

function content(definition: Definition, visual: Visual): object {
  const entity = factTable(definition).name;
  const measures = (names: readonly string[]): object => ({
    projections: names.map((name) => projection('Measure', entity, name)),
  });
  const columns = (references: readonly ColumnReference[]): object => ({
    projections: references.map(({ table, column }) => ({ ...projection('Column', table, column), active: true })),
  });
  switch (visual.kind) {
    case 'card':
      return { visualType: 'card', query: { queryState: { Values: measures([visual.measure]) } } };
    case 'slicer':
      return {
        visualType: 'slicer',
        query: { queryState: { Values: columns([visual.column]) } },
        objects: { data: [{ properties: { mode: { expr: { Literal: { Value: "'Basic'" } } } } }] },
      };
    case 'line': {
      const { table, column } = visual.category;
      const sort = [{ field: field('Column', table, column), direction: 'Ascending' }];
      return {
        visualType: 'lineChart',
        query: {
          queryState: { Category: columns([visual.category]), Y: measures(visual.values) },
          sortDefinition: { sort, isDefaultSort: true },
        },
      };
    }
    case 'matrix':
      return {
        visualType: 'pivotTable',
        query: {
          queryState: {
            Rows: columns(visual.rows),
            Columns: columns(visual.columns),
            Values: measures(visual.values),
          },
        },
      };
  }
}

function projection(kind: 'Measure' | 'Column', entity: string, property: string): object {
  return { field: field(kind, entity, property), queryRef: `${entity}.${property}`, nativeQueryRef: property };
}

function field(kind: 'Measure' | 'Column', entity: string, property: string): object {
  return { [kind]: { Expression: { SourceRef: { Entity: entity } }, Property: property } };
}
