/** The semantic model for programs: read the definition, ask it, generate from it. */
export type * from '../src/shared/semantic-model/definition.ts';
export { DefinitionError, OPERATORS } from '../src/shared/semantic-model/definition.ts';
export {
  findColumn,
  findMeasure,
  findTable,
  formatReference,
  parseReference,
} from '../src/shared/semantic-model/find.ts';
export type { MetricFilter, MetricQuery } from '../src/shared/semantic-model/metric-query.ts';
export { loadDefinition, parseDefinition } from '../src/shared/semantic-model/parse-definition.ts';
export { toDax } from '../src/shared/semantic-model/to-dax.ts';
export { toDaxQuery } from '../src/shared/semantic-model/to-dax-query.ts';
export { toProject } from './generator/to-project.ts';
export { toSqlQuery } from './generator/to-sql-query.ts';
