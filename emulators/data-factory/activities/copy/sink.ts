import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { openContainer } from '../../connectors/blob-storage.ts';
import type { Dataset } from '../../connectors/connections.ts';
import { type FileEntry, readLocation } from '../../connectors/file-store.ts';
import {
  DefinitionError,
  type JsonObject,
  objectField,
  optionalBoolean,
  optionalString,
} from '../../definitions/json.ts';
import type { ActivityContext } from '../../engine/activity-context.ts';
import { compressionOf, delimitedFormat } from '../../formats/format-settings.ts';
import { writeJsonFile } from '../../formats/json-files.ts';
import { withParquetFile } from '../../formats/parquet.ts';
import type { Table } from '../../formats/table.ts';
import { writeDelimited } from '../../formats/write-delimited.ts';

type Context = Pick<ActivityContext, 'connections' | 'signal'>;

const BLOCK_BYTES = 4 * 1024 * 1024;
const PARALLEL_BLOCKS = 2;
const EXTENSIONS: Readonly<Record<string, string>> = { DelimitedText: '.txt', Json: '.json', Parquet: '.parquet' };

/** Writes a table as the one file of a dataset; gives the number of bytes. The file appears whole or not at all. */
export async function writeTableFile(
  context: Context,
  dataset: Dataset,
  sink: JsonObject,
  table: Table,
): Promise<number> {
  const format = objectField(sink, 'formatSettings');
  const { folder, fileName } = readLocation(dataset);
  const extension = optionalString(format, 'fileExtension') ?? EXTENSIONS[dataset.type] ?? '';
  const prefix = optionalString(format, 'fileNamePrefix');
  const name = fileName !== '' ? fileName : `${prefix ?? `data_${randomUUID()}`}${extension}`;
  const path = folder === '' ? name : `${folder}/${name}`;
  const upload = (content: Readable): Promise<number> => uploadFile(context, dataset, path, content);
  switch (dataset.type) {
    case 'DelimitedText': {
      const quoteAll = optionalBoolean(format, 'quoteAllText') ?? false;
      return upload(Readable.from(writeDelimited(table, delimitedFormat(dataset), quoteAll)));
    }
    case 'Json': {
      const pattern = optionalString(format, 'filePattern') === 'arrayOfObjects' ? 'arrayOfObjects' : 'setOfObjects';
      return upload(Readable.from(writeJsonFile(table, pattern)));
    }
    case 'Parquet':
      return withParquetFile(table, optionalString(dataset.properties, 'compressionCodec') ?? 'snappy', upload);
    default:
      throw new DefinitionError(`Datasets of type '${dataset.type}' cannot be written as rows here.`);
  }
}

/** Where a binary copy puts a file: under the dataset's own name, or in its folder, with the hierarchy kept or not. */
export function targetPath(dataset: Dataset, file: FileEntry, sink: JsonObject, isOnlyFile: boolean): string {
  const { folder, fileName } = readLocation(dataset);
  const behavior = optionalString(objectField(sink, 'storeSettings'), 'copyBehavior') ?? 'PreserveHierarchy';
  if (behavior === 'MergeFiles')
    throw new DefinitionError("copyBehavior 'MergeFiles' is not emulated for binary files.");
  const kept = behavior === 'FlattenHierarchy' ? file.name : file.relativePath;
  const name = fileName !== '' && isOnlyFile ? fileName : kept;
  return folder === '' ? name : `${folder}/${name}`;
}

/** Uploads a file; gives the number of bytes as they are stored. */
export async function uploadFile(context: Context, dataset: Dataset, path: string, content: Readable): Promise<number> {
  const { container } = readLocation(dataset);
  const blob = openContainer(dataset.linkedService, container, context.connections.credentials).getBlockBlobClient(
    path,
  );
  let bytes = 0;
  const counter = new PassThrough();
  counter.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
  });
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([context.signal, failed.signal]);
  const stages = compressionOf(dataset) === undefined ? [content, counter] : [content, createGzip(), counter];
  const fed = pipeline(stages).catch((error: unknown) => {
    failed.abort(error);
    throw error;
  });
  // Whichever fails first is the cause: a broken source ends the upload before anything is committed.
  const uploaded = blob.uploadStream(counter, BLOCK_BYTES, PARALLEL_BLOCKS, { abortSignal });
  const [source, target] = await Promise.allSettled([
    fed,
    uploaded.catch((error) => {
      counter.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }),
  ]);
  if (target.status === 'rejected' && !failed.signal.aborted) throw target.reason;
  if (source.status === 'rejected') throw source.reason;
  return bytes;
}
