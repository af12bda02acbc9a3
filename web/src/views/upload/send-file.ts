import { post } from '../../api/client.ts';
import type { UploadGrant } from '../../api/types.ts';

/** A file that lies in the landing container now. */
export interface SentFile {
  readonly dataset: string;
  readonly path: string;
  /** Of the version that was written, without quotes. */
  readonly etag: string;
}

/**
 * Asks for a URL for this one file and sends it there, to the storage itself. `XMLHttpRequest` tells how far it is, which `fetch`
 * does not.
 * @param progress told the share that is sent
 */
export async function sendFile(file: File, path: string, progress: (share: number) => void): Promise<SentFile> {
  const grant = await post<UploadGrant>('/api/uploads', { path, size: file.size });
  const etag = await new Promise<string>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(grant.method, grant.url);
    for (const [name, value] of Object.entries(grant.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      if (request.status === 201) resolve((request.getResponseHeader('etag') ?? '').replaceAll('"', ''));
      else reject(new Error(`The storage refused the file with status ${request.status}.`));
    };
    request.onerror = () => reject(new Error('The file could not be sent. Is there a network?'));
    request.send(file);
  });
  return { dataset: grant.dataset, path: grant.path, etag };
}
