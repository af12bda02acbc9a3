import type { Readable } from 'node:stream';
import { DefinitionError, type JsonObject, objectField, optionalString } from '../definitions/json.ts';
import { blobFiles } from './blob-files.ts';
import { isBlobService, openContainer } from './blob-storage.ts';
import type { Credentials, Dataset } from './connections.ts';
import { httpFiles } from './http-files.ts';

/** A file that a dataset stands for. */
export interface FileEntry {
  /** Its whole path in the container, or its URL. */
  readonly path: string;
  /** Its name without folders. */
  readonly name: string;
  /** Its path below the folder of the dataset, for copies that keep the hierarchy. */
  readonly relativePath: string;
  readonly size: number | undefined;
  readonly lastModified: Date | undefined;
  read(signal: AbortSignal): Promise<Readable>;
}

/** What a file dataset points to: files to read, and a place to write to. */
export interface FileStore {
  /** Where it is, for messages. */
  readonly place: string;
  /** The files that the store settings select. */
  list(settings: JsonObject, signal: AbortSignal): Promise<FileEntry[]>;
}

/** The location of a file dataset. */
export interface FileLocation {
  readonly container: string;
  readonly folder: string;
  readonly fileName: string;
}

/** Reads `location` of a dataset in a storage account. */
export function readLocation({ name, properties }: Dataset): FileLocation {
  const location = objectField(properties, 'location');
  const container = optionalString(location, 'fileSystem') ?? optionalString(location, 'container') ?? '';
  if (container === '')
    throw new DefinitionError(`The location of dataset '${name}' names no container or file system.`);
  const trim = (text: string | undefined): string => (text ?? '').replace(/^\/+|\/+$/g, '');
  return {
    container,
    folder: trim(optionalString(location, 'folderPath')),
    fileName: trim(optionalString(location, 'fileName')),
  };
}

/** The files of a dataset, in a storage account or behind HTTP. */
export function openFiles(dataset: Dataset, credentials: Credentials): FileStore {
  if (dataset.linkedService.type === 'HttpServer') return httpFiles(dataset);
  if (!isBlobService(dataset.linkedService)) {
    throw new DefinitionError(
      `Files of '${dataset.linkedService.name}' (${dataset.linkedService.type}) are not emulated; use Blob Storage, Data Lake Storage Gen2 or HTTP.`,
    );
  }
  const location = readLocation(dataset);
  return blobFiles(openContainer(dataset.linkedService, location.container, credentials), location);
}
