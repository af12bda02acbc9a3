import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MILLISECONDS = 600_000;

/** Resolves when something answers at a URL, whatever the status. @throws Error after ten minutes */
export async function untilAnswers(url: string): Promise<void> {
  const until = Date.now() + WITHIN_MILLISECONDS;
  while (Date.now() < until) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(5_000) });
      return;
    } catch {
      await sleep(500);
    }
  }
  throw new Error(`Nothing answered at ${url} within ten minutes.`);
}
