import { tableName } from './resource-names.ts';
import { tableAuthorization } from './shared-key.ts';
import type { StorageAccount } from './storage-account.ts';
import { isNotFound, StorageError, StorageService } from './storage-service.ts';

/** The values of an entity, with `PartitionKey` and `RowKey`. */
export type TableEntity = Readonly<Record<string, unknown>>;

const accept = 'application/json;odata=minimalmetadata';
const versions = { accept, dataserviceversion: '3.0' };
const page = ['NextPartitionKey', 'NextRowKey'] as const;

/** A table of Azure Storage. Source: "Table Storage REST API". */
export class TableClient {
  readonly #name: string;
  readonly #service: StorageService;

  /** @throws RangeError when it is no name of a table. */
  constructor(account: StorageAccount, name: string) {
    this.#name = tableName(name);
    this.#service = new StorageService(account, account.tableEndpoint, tableAuthorization);
  }

  /** Adds an entity; makes the table when it is not there. @throws StorageError when the entity is there. */
  async insert(entity: TableEntity): Promise<void> {
    const body = JSON.stringify(toWire(entity));
    const post = (path: string, content: string) =>
      this.#service.send({
        method: 'POST',
        path,
        headers: { ...versions, 'content-type': 'application/json', prefer: 'return-no-content' },
        body: content,
      });
    try {
      await post(this.#name, body);
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'TableNotFound')) {
        throw error;
      }
      await post('Tables', JSON.stringify({ TableName: this.#name })).catch(unlessThere);
      await post(this.#name, body);
    }
  }

  /** The entity of these keys; undefined when it, or the table, is not there. */
  async read(partitionKey: string, rowKey: string): Promise<TableEntity | undefined> {
    const path = `${this.#name}(PartitionKey=${literal(partitionKey)},RowKey=${literal(rowKey)})`;
    try {
      const response = await this.#service.send({ method: 'GET', path, headers: versions });
      return fromWire((await response.json()) as TableEntity);
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** The entities that an OData filter lets through, at most `take`; none when the table is not there. */
  async query(filter: string, take = Number.POSITIVE_INFINITY): Promise<TableEntity[]> {
    const found: TableEntity[] = [];
    let next: Record<string, string> | undefined = {};
    while (next !== undefined && found.length < take) {
      const limit = Math.min(take - found.length, 1000);
      const query = { ...next, $top: String(limit), ...(filter === '' ? {} : { $filter: filter }) };
      let response: Response;
      try {
        response = await this.#service.send({ method: 'GET', path: `${this.#name}()`, query, headers: versions });
      } catch (error) {
        if (isNotFound(error)) {
          return [];
        }
        throw error;
      }
      const { value } = (await response.json()) as { value: TableEntity[] };
      found.push(...value.map(fromWire));
      next = continuationOf(response.headers);
    }
    return found;
  }
}

function continuationOf(headers: Headers): Record<string, string> | undefined {
  const found = page.flatMap((name) => {
    const value = headers.get(`x-ms-continuation-${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function unlessThere(error: unknown): void {
  if (!(error instanceof StorageError && error.code === 'TableAlreadyExists')) {
    throw error;
  }
}

function literal(text: string): string {
  return encodeURIComponent(`'${text.replaceAll("'", "''")}'`);
}

/** Whole numbers are 64 bits wide, as the SDK for .NET makes them of JSON. */
function toWire(entity: TableEntity): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (typeof value === 'number') {
      const isWhole = Number.isSafeInteger(value);
      wire[`${name}@odata.type`] = isWhole ? 'Edm.Int64' : 'Edm.Double';
      wire[name] = isWhole ? String(value) : value;
    } else if (value !== null && value !== undefined) {
      wire[name] = value;
    }
  }
  return wire;
}

/** Without what the service adds of its own. */
function fromWire(wire: TableEntity): TableEntity {
  const entity: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wire)) {
    if (!name.startsWith('odata.') && !name.endsWith('@odata.type') && name !== 'Timestamp') {
      entity[name] = wire[`${name}@odata.type`] === 'Edm.Int64' ? Number(value) : value;
    }
  }
  return entity;
}
