import { type Container, CosmosClient, type PartitionKeyDefinition } from '@azure/cosmos';
import { type Environment, parseConnectionString, readConnection } from '../core/connection.ts';
import { HostSetupError } from '../core/errors.ts';

const clients = new Map<string, CosmosClient>();

/**
 * The client of the account that a binding names as its `connection`; none means `CosmosDB`. One for each account.
 * @throws HostSetupError when the setting does not exist or is no connection string. It never shows the value.
 */
export function cosmosClient(connection: unknown, environment: Environment): CosmosClient {
  const name = typeof connection === 'string' && connection !== '' ? connection : 'CosmosDB';
  const value = readConnection(name, environment, ['accountEndpoint']);
  const { accountendpoint: endpoint, accountkey: key } = parseConnectionString(value);
  if (endpoint === undefined || key === undefined) {
    throw new HostSetupError(
      `the app setting "${name}" is no connection string of Cosmos DB: it needs AccountEndpoint and AccountKey`,
    );
  }
  const client = clients.get(value) ?? new CosmosClient({ endpoint, key });
  clients.set(value, client);
  return client;
}

export interface NewContainer {
  readonly partitionKey?: string;
  readonly throughput?: number;
}

/** Makes the container and its database unless they are there. */
export async function createContainer(
  client: CosmosClient,
  database: string,
  id: string,
  options: NewContainer,
): Promise<Container> {
  const { database: created } = await client.databases.createIfNotExists({ id: database });
  const partitionKey: PartitionKeyDefinition = { paths: [options.partitionKey ?? '/id'] };
  const { container } = await created.containers.createIfNotExists({
    id,
    partitionKey,
    ...(options.throughput === undefined ? {} : { throughput: options.throughput }),
  });
  return container;
}

/** Whether an error of the client says that something is not there. */
export function isCosmosNotFound(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 404;
}
