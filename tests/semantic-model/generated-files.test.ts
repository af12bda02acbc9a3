import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseMeasure } from '../../emulators/power-bi/dax/parse.ts';
import { parseModel } from '../../emulators/power-bi/model/parse-model.ts';
import { generate, staleFiles } from '../../semantic-model/generate.ts';
import { loadDefinition, toDax, toProject } from '../../semantic-model/index.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'semantic-model');
const definition = loadDefinition();
const files = toProject(definition);
const text = (path: string): string => files.get(path) ?? '';
const paths = (pattern: RegExp): readonly string[] => [...files.keys()].filter((path) => pattern.test(path));

test('the committed files are what the definition says; otherwise run node semantic-model/generate.ts', () => {
  expect(staleFiles(definition, FOLDER)).toEqual([]);
});

describe('generating', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'semantic-model-'));
    cpSync(FOLDER, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  test('finds what was changed, lost or left over, and mends it', () => {
    const [changed, lost, extra] = [
      'Landfall.SemanticModel/definition/tables/Flights.tmdl',
      'analysis-services/model.bim',
      'Landfall.Report/definition/pages/old/page.json',
    ];
    writeFileSync(join(copy, changed), `${text(changed)} `);
    rmSync(join(copy, lost));
    cpSync(join(copy, 'Landfall.pbip'), join(copy, extra));
    expect(staleFiles(definition, copy)).toEqual([extra, changed, lost]);
    expect(generate(definition, copy)).toEqual([extra, changed, lost]);
    expect(staleFiles(definition, copy)).toEqual([]);
    expect(readFileSync(join(copy, changed), 'utf8')).toBe(text(changed));
  });

  test("leaves Desktop's own files alone", () => {
    cpSync(join(copy, 'Landfall.pbip'), join(copy, 'Landfall.SemanticModel', '.pbi', 'localSettings.json'));
    expect(staleFiles(definition, copy)).toEqual([]);
  });
});

describe('the report', () => {
  interface Field {
    readonly Expression: { readonly SourceRef: { readonly Entity: string } };
    readonly Property: string;
  }
  interface Projection {
    readonly field: { readonly Measure?: Field; readonly Column?: Field };
    readonly queryRef: string;
  }
  interface Container {
    readonly name: string;
    readonly position: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;
    readonly visual: {
      readonly visualType: string;
      readonly query: {
        readonly queryState: Readonly<Record<string, { readonly projections: readonly Projection[] }>>;
      };
    };
  }
  const ROLES: Readonly<Record<string, readonly string[]>> = {
    card: ['Values'],
    slicer: ['Values'],
    lineChart: ['Category', 'Y'],
    pivotTable: ['Rows', 'Columns', 'Values'],
  };
  const visuals = paths(/visual\.json$/).map((path) => ({ path, container: JSON.parse(text(path)) as Container }));

  test('has as many visuals as the definition, each named as its folder and with the roles of its kind', () => {
    expect(visuals).toHaveLength(definition.report.visuals.length);
    for (const { path, container } of visuals) {
      expect(basename(dirname(path))).toBe(container.name);
      expect(Object.keys(container.visual.query.queryState)).toEqual(ROLES[container.visual.visualType]);
    }
  });

  test('shows only columns and measures that the model has', () => {
    const model = parseModel(text('analysis-services/model.bim'));
    for (const { container } of visuals) {
      for (const { projections } of Object.values(container.visual.query.queryState)) {
        for (const { field, queryRef } of projections) {
          const used = field.Measure ?? field.Column;
          const table = model.tables.find(({ name }) => name === used?.Expression.SourceRef.Entity);
          const there = field.Measure === undefined ? table?.columns : table?.measures;
          expect(there?.map(({ name }) => name)).toContain(used?.Property);
          expect(queryRef).toBe(`${table?.name}.${used?.Property}`);
        }
      }
    }
  });

  test('keeps its visuals on the page and apart', () => {
    const places = visuals.map(({ container }) => container.position);
    for (const a of places) {
      expect(a.x + a.width <= 1280 && a.y + a.height <= 720).toBe(true);
      const beside = (b: typeof a): boolean =>
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(places.filter((b) => b !== a).every(beside)).toBe(true);
    }
  });

  test('lists its page under the name of the folder, and finds its model', () => {
    const [page] = paths(/pages\/[^/]+\/page\.json$/);
    const { pageOrder, activePageName } = JSON.parse(text('Landfall.Report/definition/pages/pages.json'));
    expect([pageOrder, activePageName]).toEqual([[basename(dirname(page ?? ''))], basename(dirname(page ?? ''))]);
    const { datasetReference } = JSON.parse(text('Landfall.Report/definition.pbir'));
    expect(readdirSync(join(FOLDER, 'Landfall.Report', datasetReference.byPath.path))).toContain('definition.pbism');
  });
});

describe('the models', () => {
  test('hold the same measures, which the DAX parser reads', () => {
    const model = parseModel(text('analysis-services/model.bim'));
    const tmdl = text('Landfall.SemanticModel/definition/tables/Flights.tmdl');
    const measures = model.tables.flatMap((table) => table.measures);
    expect(measures.map(({ name }) => name)).toEqual(definition.measures.map(({ name }) => name));
    for (const [index, { name, expression }] of measures.entries()) {
      expect(() => parseMeasure(expression)).not.toThrow();
      expect(expression).toBe(toDax(definition, definition.measures[index]?.formula ?? { kind: 'count', where: [] }));
      expect(tmdl).toContain(`\tmeasure ${/^\w+$/.test(name) ? name : `'${name}'`} = ${expression}\n`);
    }
  });

  test('for Analysis Services use nothing that only Power BI knows', () => {
    const bim = text('analysis-services/model.bim');
    expect(JSON.parse(bim).compatibilityLevel).toBe(1500);
    expect(bim).not.toMatch(/defaultPowerBIDataSourceVersion|refreshPolicy|Sql\.Database|lineageTag/);
    expect(bim).not.toMatch(/password|secret/i);
  });

  test('mark the date table, and give every lineage tag once', () => {
    const date = text('Landfall.SemanticModel/definition/tables/Date.tmdl');
    expect(date).toMatch(/^\tdataCategory: Time$/m);
    expect(date).toMatch(/\tcolumn Date\n\t\tdataType: dateTime\n\t\tisKey\n/);
    const tags = paths(/\.tmdl$/).flatMap((path) => text(path).match(/lineageTag: (\S+)/g) ?? []);
    expect(tags.length).toBeGreaterThan(50);
    expect(new Set(tags).size).toBe(tags.length);
  });
});
