/** The semantic model for programs: read the definition, ask it, generate from it. */
export type * from './generator/definition.ts';
export { DefinitionError, OPERATORS } from './generator/definition.ts';
export { findColumn, findMeasure, findTable, formatReference, parseReference } from './generator/find.ts';
export type { MetricFilter, MetricQuery } from './generator/metric-query.ts';
export { loadDefinition, parseDefinition } from './generator/parse-definition.ts';
export { toDax } from './generator/to-dax.ts';
export { toDaxQuery } from './generator/to-dax-query.ts';
export { toProject } from './generator/to-project.ts';
export { toSqlQuery } from './generator/to-sql-query.ts';
