import { type DurableClient, OrchestrationRuntimeStatus } from 'durable-functions';
import { statusOf } from '../errors.ts';

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

/**
 * Starts an orchestration under an id unless one of that id is running; tells whether it did. One that has ended is run
 * once more: that is how Durable Functions takes an id again (`overridableExistingInstanceStates`).
 */
export async function startUnlessRunning(
  client: DurableClient,
  orchestrator: string,
  instanceId: string,
  input: object,
): Promise<boolean> {
  try {
    await client.startNew(orchestrator, { instanceId, input });
    return true;
  } catch (error) {
    if (!isAlreadyRunning(error)) throw error;
    return false;
  }
}

/** The durable client says 409 only in its text. */
function isAlreadyRunning(error: unknown): boolean {
  return (
    statusOf(error) === 409 ||
    (error instanceof Error && /status code:? 409\b|already (exists|running)/i.test(error.message))
  );
}
