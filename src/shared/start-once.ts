import type { DurableClient } from 'durable-functions';
import { statusOf } from './errors.ts';

/** Starts an orchestration under an id unless one with this id is at work already. */
export async function startOnce(
  client: DurableClient,
  orchestrator: string,
  instanceId: string,
  input: unknown,
): Promise<void> {
  try {
    await client.startNew(orchestrator, { instanceId, input });
  } catch (error) {
    if (!isAlreadyRunning(error)) throw error;
  }
}

/** The durable client says 409 only in its text. */
function isAlreadyRunning(error: unknown): boolean {
  return (
    statusOf(error) === 409 ||
    (error instanceof Error && /status code:? 409\b|already (exists|running)/i.test(error.message))
  );
}
