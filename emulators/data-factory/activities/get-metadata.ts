import { type ContainerClient, RestError } from '@azure/storage-blob';
import { notFound } from '../connectors/blob-files.ts';
import { isBlobService, openContainer } from '../connectors/blob-storage.ts';
import type { Dataset } from '../connectors/connections.ts';
import { type FileLocation, readLocation } from '../connectors/file-store.ts';
import { isSqlService } from '../connectors/sql-connection.ts';
import { DefinitionError, listField, objectField } from '../definitions/json.ts';
import type { ActivityContext, ActivityRunner } from '../engine/activity-context.ts';
import { ActivityError } from '../engine/activity-error.ts';
import { toPlain } from '../expressions/index.ts';
import { withSource } from './copy/source.ts';

type Metadata = Readonly<Record<string, unknown>>;

const STRUCTURE: readonly string[] = ['structure', 'columnCount'];

/** GetMetadata: the asked fields of a file, a folder or a table. Asked for `exists`, what is missing is no error. */
export const getMetadata: ActivityRunner = async (context) => {
  const { connections, run, activity } = context;
  const properties = context.properties();
  const fields = listField(properties, 'fieldList').map(String);
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const dataset = connections.dataset(run.factory, activity.typeProperties.dataset, evaluate);
  context.setInput({ dataset: { referenceName: dataset.name }, fieldList: fields });
  context.setLinkedService(dataset.linkedService.name);
  const known = await describe(context, dataset, fields);
  if (known === undefined) {
    if (fields.includes('exists')) return { output: { exists: false } };
    throw notFound(dataset.name);
  }
  const all: Metadata = { exists: true, ...known };
  const odd = fields.find((field) => !(field in all));
  if (odd !== undefined)
    throw new ActivityError('UserErrorInvalidField', `'${dataset.name}' has no metadata '${odd}'.`);
  return { output: Object.fromEntries(fields.map((field) => [field, all[field]])) };
};

async function describe(
  context: ActivityContext,
  dataset: Dataset,
  fields: readonly string[],
): Promise<Metadata | undefined> {
  const structure = fields.some((field) => STRUCTURE.includes(field)) ? await readStructure(context, dataset) : {};
  if (isSqlService(dataset.linkedService)) {
    try {
      return { ...(await readStructure(context, dataset)) };
    } catch (error) {
      if (fields.includes('exists') && error instanceof ActivityError && error.errorCode === 'SqlOperationFailed')
        return undefined;
      throw error;
    }
  }
  if (!isBlobService(dataset.linkedService))
    throw new DefinitionError('Metadata are emulated of storage accounts and databases.');
  const location = readLocation(dataset);
  const container = openContainer(dataset.linkedService, location.container, context.connections.credentials);
  const found = await (location.fileName === ''
    ? describeFolder(container, location, context.signal)
    : describeFile(container, location, context.signal));
  return found === undefined ? undefined : { ...found, ...structure };
}

async function describeFile(
  container: ContainerClient,
  { folder, fileName }: FileLocation,
  abortSignal: AbortSignal,
): Promise<Metadata | undefined> {
  try {
    const path = folder === '' ? fileName : `${folder}/${fileName}`;
    const properties = await container.getBlobClient(path).getProperties({ abortSignal });
    return {
      itemName: fileName,
      itemType: 'File',
      size: properties.contentLength,
      lastModified: properties.lastModified?.toISOString().replace(/\.\d+Z$/, 'Z'),
      ...(properties.contentMD5 === undefined
        ? {}
        : { contentMD5: Buffer.from(properties.contentMD5).toString('base64') }),
    };
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  }
}

async function describeFolder(
  container: ContainerClient,
  { folder, container: name }: FileLocation,
  abortSignal: AbortSignal,
): Promise<Metadata | undefined> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const childItems: { readonly name: string; readonly type: 'File' | 'Folder' }[] = [];
  let lastModified: Date | undefined;
  try {
    for await (const item of container.listBlobsByHierarchy('/', { prefix, abortSignal })) {
      const child = item.name.slice(prefix.length).replace(/\/$/, '');
      childItems.push({ name: child, type: item.kind === 'prefix' ? 'Folder' : 'File' });
      if (item.kind !== 'prefix' && (lastModified === undefined || item.properties.lastModified > lastModified)) {
        lastModified = item.properties.lastModified;
      }
    }
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  }
  if (childItems.length === 0 && folder !== '') return undefined;
  childItems.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    itemName: folder === '' ? name : folder.split('/').at(-1),
    itemType: 'Folder',
    lastModified: lastModified?.toISOString().replace(/\.\d+Z$/, 'Z') ?? null,
    childItems,
  };
}

async function readStructure(context: ActivityContext, dataset: Dataset): Promise<Metadata> {
  const source = objectField(context.activity.typeProperties, 'source');
  return withSource(context, dataset, source, undefined, async ({ columns }) => ({
    structure: columns.map(({ name, type }) => ({ name, type })),
    columnCount: columns.length,
  }));
}
