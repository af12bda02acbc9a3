import type { Readable } from 'node:stream';
import { type ContainerClient, RestError } from '@azure/storage-blob';
import { type JsonObject, optionalBoolean, optionalString } from '../definitions/json.ts';
import { ActivityError } from '../engine/activity-error.ts';
import type { FileEntry, FileLocation, FileStore } from './file-store.ts';
import { wildcard } from './wildcard.ts';

/** The files of a container that a location and store settings select. */
export function blobFiles(container: ContainerClient, location: FileLocation): FileStore {
  const place = [container.containerName, location.folder, location.fileName].filter((part) => part !== '').join('/');
  return { place, list: (settings, signal) => listBlobs(container, location, settings, signal, place) };
}

async function listBlobs(
  container: ContainerClient,
  { folder, fileName }: FileLocation,
  settings: JsonObject,
  signal: AbortSignal,
  place: string,
): Promise<FileEntry[]> {
  const folderPattern = optionalString(settings, 'wildcardFolderPath');
  const namePattern = optionalString(settings, 'wildcardFileName');
  const recursive = optionalBoolean(settings, 'recursive') ?? true;
  const [after, before] = ['modifiedDatetimeStart', 'modifiedDatetimeEnd'].map((key) => optionalString(settings, key));
  const single = namePattern === undefined && folderPattern === undefined && fileName !== '';
  const base = folderPattern === undefined ? folder : fixedPart(folderPattern);
  const prefix = single ? [folder, fileName].filter((part) => part !== '').join('/') : base === '' ? '' : `${base}/`;
  const files: FileEntry[] = [];
  try {
    for await (const blob of container.listBlobsFlat({ prefix, abortSignal: signal })) {
      const { name: path, properties } = blob;
      if (single && path !== prefix) continue;
      const cut = path.lastIndexOf('/');
      const [inFolder, name] = [cut === -1 ? '' : path.slice(0, cut), path.slice(cut + 1)];
      if (folderPattern !== undefined && !wildcard(folderPattern.replace(/^\/+|\/+$/g, '')).test(inFolder)) continue;
      if (folderPattern === undefined && !recursive && inFolder !== folder) continue;
      if (namePattern !== undefined && !wildcard(namePattern).test(name)) continue;
      if (name === '' || (after !== undefined && properties.lastModified < new Date(after))) continue;
      if (before !== undefined && properties.lastModified >= new Date(before)) continue;
      files.push({
        path,
        name,
        relativePath: single ? name : path.slice(base === '' ? 0 : base.length + 1),
        size: properties.contentLength,
        lastModified: properties.lastModified,
        read: async (abortSignal) => {
          const { readableStreamBody } = await container
            .getBlobClient(path)
            .download(undefined, undefined, { abortSignal });
          if (readableStreamBody === undefined)
            throw new ActivityError('UserErrorFileNotFound', `'${path}' has no content.`);
          return readableStreamBody as Readable;
        },
      });
    }
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) throw notFound(place);
    throw error;
  }
  if (single && files.length === 0) throw notFound(place);
  return files;
}

/** The error of a file, a folder or a container that is not there. */
export function notFound(place: string): ActivityError {
  return new ActivityError(
    'UserErrorFileNotFound',
    `ErrorCode=UserErrorFileNotFound, The required Blob is missing: '${place}'.`,
  );
}

function fixedPart(pattern: string): string {
  const parts = pattern.replace(/^\/+/, '').split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  return (first === -1 ? parts : parts.slice(0, first)).join('/');
}
