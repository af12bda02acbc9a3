/** A blob's place, decoded for people and filters, and as it stood in the URL. */
export interface BlobPath {
  readonly account: string;
  readonly container: string;
  readonly blob: string;
  /** Path of the URL as sent, which a signature is computed over. */
  readonly rawPath: string;
}

/**
 * Reads `/account/container/blob` (path-style, as Azurite is addressed). Gives undefined for anything that is not a blob:
 * the account, a container, or a path that does not decode.
 */
export function parseBlobPath(rawPath: string): BlobPath | undefined {
  const match = /^\/([^/]+)\/([^/]+)\/(.+)$/.exec(rawPath);
  if (match === null) return undefined;
  const [, account, container, blob] = match;
  if (account === undefined || container === undefined || blob === undefined) return undefined;
  try {
    return { account, container: decodeURIComponent(container), blob: decodeURIComponent(blob), rawPath };
  } catch {
    return undefined;
  }
}

/** The subject of a blob's events. */
export function blobSubject(path: Pick<BlobPath, 'container' | 'blob'>): string {
  return `/blobServices/default/containers/${path.container}/blobs/${path.blob}`;
}
