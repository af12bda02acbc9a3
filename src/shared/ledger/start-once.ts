import type { DurableClient } from 'durable-functions';
import { statusOf } from '../errors.ts';

/** Starts an orchestration unless one of this id is at work already; tells whether it did. */
export async function startOnce(
  client: DurableClient,
  orchestrator: string,
  instanceId: string,
  input: unknown,
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
