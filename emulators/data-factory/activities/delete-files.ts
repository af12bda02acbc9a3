import { notFound } from '../connectors/blob-files.ts';
import { openContainer } from '../connectors/blob-storage.ts';
import { openFiles, readLocation } from '../connectors/file-store.ts';
import { DefinitionError, objectField } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { toPlain } from '../expressions/index.ts';

/** Delete: the files that a dataset and its store settings select. */
export const deleteFiles: ActivityRunner = async (context) => {
  const { connections, run, activity, signal } = context;
  const properties = context.properties();
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const dataset = connections.dataset(run.factory, activity.typeProperties.dataset, evaluate);
  if (dataset.linkedService.type === 'HttpServer') throw new DefinitionError('Files behind HTTP cannot be deleted.');
  const settings = { recursive: false, ...objectField(properties, 'storeSettings') };
  context.setInput({ dataset: { referenceName: dataset.name }, storeSettings: settings });
  context.setLinkedService(dataset.linkedService.name);
  const location = readLocation(dataset);
  const files = await openFiles(dataset, connections.credentials).list(settings, signal);
  if (files.length === 0 && !('wildcardFileName' in settings))
    throw notFound(`${location.container}/${location.folder}`);
  const container = openContainer(dataset.linkedService, location.container, connections.credentials);
  for (const { path } of files) await container.getBlobClient(path).deleteIfExists({ abortSignal: signal });
  return { output: { dataDeleted: files.reduce((sum, { size }) => sum + (size ?? 0), 0), filesDeleted: files.length } };
};
