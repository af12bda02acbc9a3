import type { Definition } from '../../src/shared/semantic-model/definition.ts';
import { toSqlQuery } from './to-sql-query.ts';

/** A script with one statement: every measure over everything, for analysts to start from. */
export function toMeasuresSql(definition: Definition): string {
  return [
    '-- Generated from definition.yaml: what each measure of the semantic model is in SQL.',
    ...definition.measures.map(({ name, description }) => `--   ${name}: ${description}`),
    `${toSqlQuery(definition, { measures: definition.measures.map(({ name }) => name), by: [], filters: [] })};`,
    '',
  ].join('\n');
}
