import type { Column, Definition, Measure, Table } from '../../src/shared/semantic-model/definition.ts';
import { factTable } from '../../src/shared/semantic-model/find.ts';
import { toDax } from '../../src/shared/semantic-model/to-dax.ts';
import { stableUuid } from './identity.ts';

/** The compatibility level that Power BI Desktop writes. */
const COMPATIBILITY_LEVEL = 1601;

/**
 * The files of a semantic model's `definition` folder in TMDL, by path; blank lines and order of properties are those of
 * Microsoft's serializer, so that a first save in Desktop changes nothing.
 */
export function toTmdl(definition: Definition): ReadonlyMap<string, string> {
  const files = new Map([
    ['database.tmdl', `database\n\tcompatibilityLevel: ${COMPATIBILITY_LEVEL}\n\n`],
    ['model.tmdl', model(definition)],
    ['relationships.tmdl', relationships(definition)],
    ['expressions.tmdl', expressions(definition)],
    ['roles/Reader.tmdl', 'role Reader\n\tmodelPermission: read\n\n'],
    [`cultures/${definition.culture}.tmdl`, `cultureInfo ${definition.culture}\n\n`],
  ]);
  for (const one of definition.tables) files.set(`tables/${one.name}.tmdl`, table(definition, one));
  return files;
}

function model(definition: Definition): string {
  const order = ['ServerName', 'DatabaseName', ...definition.tables.map(({ name }) => name)];
  return block([
    `/// ${definition.description}`,
    'model Model',
    `\tculture: ${definition.culture}`,
    '\tdefaultPowerBIDataSourceVersion: powerBI_V3',
    '\tdiscourageImplicitMeasures',
    `\tsourceQueryCulture: ${definition.culture}`,
    '\tdataAccessOptions',
    '\t\tlegacyRedirects',
    '\t\treturnErrorValuesAsNull',
    '',
    'annotation __PBI_TimeIntelligenceEnabled = 0',
    '',
    `annotation PBI_QueryOrder = ${JSON.stringify(order)}`,
    '',
    ...definition.tables.map(({ name }) => `ref table ${quoted(name)}`),
    '',
    'ref role Reader',
    '',
    `ref cultureInfo ${definition.culture}`,
  ]);
}

function relationships({ relationships }: Definition): string {
  const name = ({ table, column }: { table: string; column: string }): string => `${quoted(table)}.${quoted(column)}`;
  return relationships
    .map(({ from, to }) =>
      block([
        `relationship ${stableUuid(`relationship ${name(from)} ${name(to)}`)}`,
        `\tfromColumn: ${name(from)}`,
        `\ttoColumn: ${name(to)}`,
      ]),
    )
    .join('');
}

function expressions({ source }: Definition): string {
  const parameters = [
    ['ServerName', source.server],
    ['DatabaseName', source.database],
  ];
  return parameters
    .map(([name, value]) =>
      block([
        `expression ${name} = "${value}" meta [IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]`,
        `\tlineageTag: ${stableUuid(`expression ${name}`)}`,
        '',
        '\tannotation PBI_ResultType = Text',
      ]),
    )
    .join('');
}

function table(definition: Definition, one: Table): string {
  const tag = (kind: string, name: string): string => stableUuid(`${one.name} ${kind} ${name}`);
  const measures = one === factTable(definition) ? definition.measures : [];
  return [
    block([
      `/// ${one.description}`,
      `table ${quoted(one.name)}`,
      ...(one.hidden ? ['\tisHidden'] : []),
      `\tlineageTag: ${stableUuid(`table ${one.name}`)}`,
      ...(one.kind === 'date' ? ['\tdataCategory: Time'] : []),
    ]),
    ...measures.map((measure) => block(measureLines(definition, measure, tag('measure', measure.name)))),
    ...one.columns.map((column) => block(columnLines(column, tag('column', column.name)))),
    ...one.hierarchies.map(({ name, levels }) =>
      block([
        `\thierarchy ${quoted(name)}`,
        `\t\tlineageTag: ${tag('hierarchy', name)}`,
        ...levels.flatMap((level) => [
          '',
          `\t\tlevel ${quoted(level)}`,
          `\t\t\tlineageTag: ${tag(`level of ${name}`, level)}`,
          `\t\t\tcolumn: ${quoted(level)}`,
        ]),
      ]),
    ),
    block([
      `\tpartition ${quoted(one.name)} = m`,
      '\t\tmode: import',
      '\t\tsource =',
      '\t\t\t\tlet',
      '\t\t\t\t    Source = Sql.Database(ServerName, DatabaseName),',
      `\t\t\t\t    Data = Source{[Schema="${definition.source.schema}", Item="${one.source}"]}[Data]`,
      '\t\t\t\tin',
      '\t\t\t\t    Data',
    ]),
    block(['\tannotation PBI_ResultType = Table']),
  ].join('');
}

function measureLines(definition: Definition, measure: Measure, tag: string): readonly string[] {
  return [
    `\t/// ${measure.description}`,
    `\tmeasure ${quoted(measure.name)} = ${toDax(definition, measure.formula)}`,
    `\t\tformatString: ${measure.format}`,
    ...(measure.folder === undefined ? [] : [`\t\tdisplayFolder: ${measure.folder}`]),
    `\t\tlineageTag: ${tag}`,
  ];
}

function columnLines(column: Column, tag: string): readonly string[] {
  return [
    `\t/// ${column.description}`,
    `\tcolumn ${quoted(column.name)}`,
    `\t\tdataType: ${column.type}`,
    ...(column.hidden ? ['\t\tisHidden'] : []),
    ...(column.key ? ['\t\tisKey'] : []),
    ...(column.format === undefined ? [] : [`\t\tformatString: ${column.format}`]),
    `\t\tlineageTag: ${tag}`,
    '\t\tsummarizeBy: none',
    `\t\tsourceColumn: ${column.source}`,
    ...(column.sortBy === undefined ? [] : [`\t\tsortByColumn: ${quoted(column.sortBy)}`]),
    '',
    '\t\tannotation SummarizationSetBy = User',
  ];
}

/** Lines and a blank one after them. */
function block(lines: readonly string[]): string {
  return `${lines.join('\n')}\n\n`;
}

function quoted(name: string): string {
  return /^[A-Za-z0-9_]+$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`;
}
