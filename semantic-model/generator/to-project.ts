import type { Definition } from '../../src/shared/semantic-model/definition.ts';
import { stableUuid } from './identity.ts';
import { toBim } from './to-bim.ts';
import { toMeasuresSql } from './to-measures-sql.ts';
import { toReport } from './to-report.ts';
import { toTmdl } from './to-tmdl.ts';

const SCHEMAS = 'https://developer.microsoft.com/json-schemas/fabric';

/** All generated files, by path below semantic-model/. */
export function toProject(definition: Definition): ReadonlyMap<string, string> {
  const { name } = definition;
  const files = new Map<string, string>();
  const put = (path: string, content: object): Map<string, string> => files.set(path, toJson(content));

  put(`${name}.pbip`, {
    $schema: `${SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json`,
    version: '1.0',
    artifacts: [{ report: { path: `${name}.Report` } }],
    settings: { enableAutoRecovery: true },
  });
  put(`${name}.SemanticModel/.platform`, platform('SemanticModel', name));
  put(`${name}.SemanticModel/definition.pbism`, {
    $schema: `${SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json`,
    version: '4.2',
    settings: { qnaEnabled: false },
  });
  for (const [path, text] of toTmdl(definition)) files.set(`${name}.SemanticModel/definition/${path}`, text);
  put(`${name}.Report/.platform`, platform('Report', name));
  put(`${name}.Report/definition.pbir`, {
    $schema: `${SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json`,
    version: '4.0',
    datasetReference: { byPath: { path: `../${name}.SemanticModel` } },
  });
  for (const [path, content] of toReport(definition)) put(`${name}.Report/definition/${path}`, content);
  put('analysis-services/model.bim', toBim(definition));
  files.set('sql/measures.sql', toMeasuresSql(definition));
  return files;
}

function platform(type: string, displayName: string): object {
  return {
    $schema: `${SCHEMAS}/gitIntegration/platformProperties/2.0.0/schema.json`,
    metadata: { type, displayName },
    config: { version: '2.0', logicalId: stableUuid(`${type} ${displayName}`) },
  };
}

/** JSON as the repository formats it: a list of one word stands on its line. */
function toJson(content: object): string {
  return `${JSON.stringify(content, null, 2).replace(/\[\s+("[^"]*")\s+\]/g, '[$1]')}\n`;
}
