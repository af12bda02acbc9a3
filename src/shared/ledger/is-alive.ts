import { type DurableClient, OrchestrationRuntimeStatus } from 'durable-functions';

const ALIVE = new Set<OrchestrationRuntimeStatus>([
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.ContinuedAsNew,
  OrchestrationRuntimeStatus.Suspended,
]);

/** Whether an orchestration instance exists and has not ended. */
export async function isAlive(client: DurableClient, instanceId: string): Promise<boolean> {
  if (instanceId === '') return false;
  try {
    return ALIVE.has((await client.getStatus(instanceId)).runtimeStatus);
  } catch (error) {
    if (error instanceof Error && error.message.includes('HTTP 404')) return false; // the client's way to say: no such instance
    throw error;
  }
}
