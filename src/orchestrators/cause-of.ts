/** What went wrong at the bottom: Durable Functions puts a sentence in front for each function that it passed through. */
export function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = message] = message.split(/\s*\n\s*(?=(?:Orchestrator|Activity) function ')/);
  return first.replaceAll(/(?:Orchestrator|Activity) function '[^']+' failed: (?:Error: )?/g, '');
}
