import { blobName, containerName } from './resource-names.ts';
import type { StorageAccount } from './storage-account.ts';
import { isNotFound, StorageError, StorageService } from './storage-service.ts';
import { elements, elementText } from './xml.ts';

/** A blob in a listing. */
export interface ListedBlob {
  readonly name: string;
  readonly etag: string;
}

/** What is known of a blob. */
export interface BlobProperties {
  readonly uri: string;
  readonly etag: string;
  readonly contentLength: number;
  /** The headers of the service about the blob, their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A blob with what it holds. */
export interface Blob extends BlobProperties {
  readonly bytes: Buffer;
}

const metadataPrefix = 'x-ms-meta-';

/** The blobs of a storage account. Source: "Blob Storage REST API". */
export class BlobClient {
  readonly #service: StorageService;

  constructor(account: StorageAccount) {
    this.#service = new StorageService(account, account.blobEndpoint);
  }

  /** Lists the blobs of a container page by page; nothing when the container is not there. */
  async *list(container: string, prefix: string): AsyncGenerator<ListedBlob[]> {
    let marker: string | undefined;
    do {
      const query = { restype: 'container', comp: 'list', prefix, ...(marker === undefined ? {} : { marker }) };
      let xml: string;
      try {
        xml = await (await this.#service.send({ method: 'GET', path: containerName(container), query })).text();
      } catch (error) {
        if (isNotFound(error)) {
          return;
        }
        throw error;
      }
      yield elements(xml, 'Blob').map((blob) => ({
        name: elementText(blob, 'Name') ?? '',
        etag: unquoted(elementText(blob, 'Etag') ?? ''),
      }));
      marker = elementText(xml, 'NextMarker');
    } while (marker !== undefined);
  }

  /** Reads a blob whole; undefined when it is not there. */
  async read(container: string, name: string): Promise<Blob | undefined> {
    const response = await this.#ask('GET', container, name);
    return response === undefined
      ? undefined
      : { ...this.#propertiesOf(container, name, response), bytes: Buffer.from(await response.arrayBuffer()) };
  }

  /** What is known of a blob, without what it holds; undefined when it is not there. */
  async properties(container: string, name: string): Promise<BlobProperties | undefined> {
    const response = await this.#ask('HEAD', container, name);
    return response === undefined ? undefined : this.#propertiesOf(container, name, response);
  }

  async #ask(method: 'GET' | 'HEAD', container: string, name: string): Promise<Response | undefined> {
    try {
      return await this.#service.send({ method, path: pathOf(container, name) });
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  #propertiesOf(container: string, name: string, response: Response): BlobProperties {
    const headers = Object.fromEntries(response.headers);
    const metadata = Object.entries(headers)
      .filter(([header]) => header.startsWith(metadataPrefix))
      .map(([header, value]) => [header.slice(metadataPrefix.length), value] as const);
    return {
      uri: this.#service.urlOf(pathOf(container, name)),
      etag: unquoted(headers.etag ?? ''),
      contentLength: Number(headers['content-length'] ?? 0),
      headers,
      metadata: Object.fromEntries(metadata),
    };
  }

  /** Writes a block blob, over one that is there; makes the container when it is not there. */
  async write(
    container: string,
    name: string,
    bytes: Uint8Array,
    metadata: Readonly<Record<string, string>>,
  ): Promise<void> {
    const put = () =>
      this.#service.send({
        method: 'PUT',
        path: pathOf(container, name),
        headers: {
          'x-ms-blob-type': 'BlockBlob',
          'content-type': 'application/octet-stream',
          ...Object.fromEntries(
            Object.entries(metadata).map(([key, value]) => [`${metadataPrefix}${key}`.toLowerCase(), value]),
          ),
        },
        body: bytes,
      });
    try {
      await put();
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'ContainerNotFound')) {
        throw error;
      }
      await this.#createContainer(container);
      await put();
    }
  }

  async #createContainer(container: string): Promise<void> {
    try {
      await this.#service.send({ method: 'PUT', path: containerName(container), query: { restype: 'container' } });
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'ContainerAlreadyExists')) {
        throw error;
      }
    }
  }
}

function pathOf(container: string, name: string): string {
  return [containerName(container), ...blobName(name).split('/')].map(encodeURIComponent).join('/');
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}
