import { handleEntities } from './entities-api.ts';
import { handleInstance } from './instance-api.ts';
import { handleInstances } from './instances-api.ts';
import {
  empty,
  failure,
  type ManagementAnswer,
  type ManagementPorts,
  type ManagementRequest,
  parameter,
} from './management-messages.ts';
import { startInstance } from './start-api.ts';

/**
 * The HTTP API by which durable clients start, ask for and control instances and entities.
 * Source: Azure/azure-functions-durable-extension, `HttpApiHandler.cs`.
 */
export async function handleManagement(ports: ManagementPorts, request: ManagementRequest): Promise<ManagementAnswer> {
  const hub = parameter(request.query, 'taskHub') ?? '';
  if (hub !== '' && hub.toLowerCase() !== ports.endpoints.taskHub.toLowerCase()) {
    return failure(404, `This host keeps the task hub '${ports.endpoints.taskHub}', and not '${hub}'.`);
  }
  const [collection, ...rest] = request.path.filter((segment, index) => segment !== '' || index === 0);
  const [id, ...operation] = rest;
  switch (collection?.toLowerCase()) {
    case 'orchestrators':
      return request.method === 'POST' && id !== undefined ? startInstance(ports, request, rest) : empty(404);
    case 'instances':
      return id === undefined ? handleInstances(ports, request) : handleInstance(ports, request, id, operation);
    case 'entities':
      return handleEntities(ports, request, rest);
    default:
      return empty(404);
  }
}
