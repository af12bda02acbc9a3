import type { Column, Definition, Table } from '../../src/shared/semantic-model/definition.ts';
import { factTable } from '../../src/shared/semantic-model/find.ts';
import { toDax } from '../../src/shared/semantic-model/to-dax.ts';

/** The widest-read level of Azure Analysis Services. */
const COMPATIBILITY_LEVEL = 1500;

/** The model in Analysis Services' TMSL (model.bim). Credentials are set when it is deployed. */
export function toBim(definition: Definition): object {
  const { server, database } = definition.source;
  const dataSource = `SQL/${server.replaceAll('.', ' ')};${database}`;
  return {
    name: definition.name,
    compatibilityLevel: COMPATIBILITY_LEVEL,
    model: {
      description: definition.description,
      culture: definition.culture,
      discourageImplicitMeasures: true,
      dataSources: [
        {
          type: 'structured',
          name: dataSource,
          connectionDetails: { protocol: 'tds', address: { server, database }, authentication: null, query: null },
          credential: {
            AuthenticationKind: 'ServiceAccount',
            kind: 'SQL',
            path: `${server};${database}`,
            EncryptConnection: true,
          },
        },
      ],
      tables: definition.tables.map((one) => table(definition, one, dataSource)),
      relationships: definition.relationships.map(({ from, to }) => ({
        name: `${from.table} ${from.column} to ${to.table}`,
        fromTable: from.table,
        fromColumn: from.column,
        toTable: to.table,
        toColumn: to.column,
      })),
      roles: [{ name: 'Reader', modelPermission: 'read' }],
      cultures: [{ name: definition.culture }],
    },
  };
}

function table(definition: Definition, one: Table, dataSource: string): object {
  const measures = one === factTable(definition) ? definition.measures : [];
  return {
    name: one.name,
    description: one.description,
    ...(one.hidden && { isHidden: true }),
    ...(one.kind === 'date' && { dataCategory: 'Time' }),
    columns: one.columns.map(column),
    partitions: [
      {
        name: one.name,
        mode: 'import',
        source: {
          type: 'm',
          expression: [
            'let',
            `    Source = #"${dataSource}",`,
            `    Data = Source{[Schema="${definition.source.schema}",Item="${one.source}"]}[Data]`,
            'in',
            '    Data',
          ],
        },
      },
    ],
    ...(measures.length > 0 && {
      measures: measures.map(({ name, description, format, folder, formula }) => ({
        name,
        description,
        expression: toDax(definition, formula),
        formatString: format,
        ...(folder !== undefined && { displayFolder: folder }),
      })),
    }),
    ...(one.hierarchies.length > 0 && {
      hierarchies: one.hierarchies.map(({ name, levels }) => ({
        name,
        levels: levels.map((level, ordinal) => ({ name: level, ordinal, column: level })),
      })),
    }),
  };
}

function column({ name, description, type, source, key, hidden, format, sortBy }: Column): object {
  return {
    name,
    description,
    dataType: type,
    sourceColumn: source,
    summarizeBy: 'none',
    ...(key && { isKey: true }),
    ...(hidden && { isHidden: true }),
    ...(format !== undefined && { formatString: format }),
    ...(sortBy !== undefined && { sortByColumn: sortBy }),
  };
}
