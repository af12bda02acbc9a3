import type { Contract } from './contract.ts';

/** Whether a record of a file may give several rows, which `_item` then numbers. */
export function explodes({ arrival }: Contract): boolean {
  return (arrival.json?.explode ?? arrival.xml?.explode ?? arrival.avro?.explode ?? []).length > 0;
}
