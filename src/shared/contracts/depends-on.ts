import type { Contract } from './contract.ts';

/** Whether what a dataset publishes changes with a reference: it combines it, and has scores or insights. */
export function dependsOn(contract: Contract, reference: string): boolean {
  const combines = (contract.combine ?? []).some((combination) => combination.dataset === reference);
  return combines && (contract.model !== undefined || (contract.insights ?? []).length > 0);
}
