import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readPipeline } from '../../emulators/data-factory/definitions/pipeline.ts';
import { referencesIn } from '../../emulators/data-factory/definitions/references.ts';
import { readTrigger } from '../../emulators/data-factory/definitions/trigger.ts';
import {
  DATA_FACTORY_FUNCTIONS,
  type Expression,
  parseTemplate,
} from '../../emulators/data-factory/expressions/index.ts';
import { documentsOf, ROOT } from './deploy.ts';

const FOLDERS = ['factory', 'linkedService', 'dataset', 'pipeline', 'trigger'];
const BY_REFERENCE: Readonly<Record<string, string>> = {
  LinkedServiceReference: 'linkedService',
  DatasetReference: 'dataset',
  PipelineReference: 'pipeline',
};

function stringsIn(document: unknown): string[] {
  if (typeof document === 'string') return [document];
  return typeof document === 'object' && document !== null ? Object.values(document).flatMap(stringsIn) : [];
}

function callsIn(expression: Expression): string[] {
  if (expression.kind === 'call') return [expression.name, ...expression.args.flatMap(callsIn)];
  return expression.kind === 'select' ? [...callsIn(expression.from), ...callsIn(expression.key)] : [];
}

function functionsIn(text: string): string[] {
  const template = parseTemplate(text);
  if (template.kind === 'expression') return callsIn(template.expression);
  if (template.kind === 'text') return [];
  return template.parts.flatMap((part) => (typeof part === 'string' ? [] : callsIn(part.expression)));
}

describe.each(FOLDERS)('every document in %s', (folder) => {
  const documents = documentsOf(folder);

  test('is named as its file', () => {
    const files = readdirSync(join(ROOT, folder)).sort();
    expect(files).toEqual(documents.map(({ name }) => `${name}.json`));
  });

  test('refers only to what there is, and gives each parameter without a default', () => {
    for (const { properties } of documents) {
      for (const { name, type, parameters } of referencesIn(properties)) {
        const target = documentsOf(BY_REFERENCE[type] ?? '').find((document) => document.name === name);
        const declared = (target?.properties.parameters ?? {}) as Record<string, { defaultValue?: unknown }>;
        const needed = Object.keys(declared).filter((key) => declared[key]?.defaultValue === undefined);
        expect(type === 'PipelineReference' ? [] : Object.keys(parameters)).toEqual(
          expect.arrayContaining(type === 'PipelineReference' ? [] : needed),
        );
        expect(Object.keys(declared)).toEqual(expect.arrayContaining(Object.keys(parameters)));
      }
    }
  });

  test('uses only functions that Data Factory documents', () => {
    const known = DATA_FACTORY_FUNCTIONS.map((name) => name.toLowerCase());
    const used = documents.flatMap(({ properties }) => stringsIn(properties).flatMap(functionsIn));
    expect(used.filter((name) => !known.includes(name.toLowerCase()))).toEqual([]);
  });

  test('holds no secret', () => {
    for (const { properties } of documents) {
      expect(JSON.stringify(properties)).not.toMatch(/accountkey=|password=|sig=|"SecureString"/i);
    }
  });
});

test('pipelines and triggers can be read, and names of linked services and datasets have no dashes', () => {
  for (const { properties } of documentsOf('pipeline'))
    expect(readPipeline(properties).activities.length).toBeGreaterThan(0);
  for (const { properties } of documentsOf('trigger')) expect(readTrigger(properties).recurrence).toBeDefined();
  const names = [...documentsOf('linkedService'), ...documentsOf('dataset')].map(({ name }) => name);
  expect(names.filter((name) => name.includes('-'))).toEqual([]);
});

test('every global parameter that pipelines use is declared', () => {
  const declared = Object.keys(documentsOf('factory')[0]?.properties.globalParameters ?? {});
  const text = documentsOf('pipeline')
    .map(({ properties }) => JSON.stringify(properties))
    .join();
  const used = new Set([...text.matchAll(/globalParameters\.(\w+)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual([...declared].sort());
});

test('every table of the copy list exists in the schema with the columns that it selects', () => {
  const schema = readFileSync(join(ROOT, 'operational-database', 'schema.sql'), 'utf8');
  const listed = [...schema.matchAll(/VALUES \('(\w+)', 'ops\.(\w+)', '((?:[^']|'')*)'/g)];
  expect(listed.map(([, name]) => name)).toEqual(['airlines', 'airports', 'planes', 'weather']);
  for (const [, , table = '', columns = ''] of listed) {
    const body = new RegExp(`CREATE TABLE ops\\.${table} \\(([\\s\\S]*?)\\n\\);`).exec(schema)?.[1] ?? '';
    for (const column of columns.replace(/CONVERT\(.*?\) \+ ''Z'' AS /, '').split(', '))
      expect(body).toMatch(new RegExp(`\\b${column} `));
  }
});
