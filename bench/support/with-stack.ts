import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ApiClient, createApiClient } from '../../scripts/api-client.ts';
import { followFiles } from '../../scripts/demo/follow-files.ts';
import { landFolder } from '../../scripts/demo/land-files.ts';
import { blobService } from '../../scripts/provision/storage.ts';
import { freePorts, ROOT } from '../../scripts/stack/endpoints.ts';
import { type Stack, startStack } from '../../scripts/stack/start-stack.ts';

export const FLIGHTS = join(ROOT, '.data', 'flights');
export const REFERENCE = join(ROOT, '.data', 'reference');
export const SILENT = { step: () => undefined, file: () => undefined };

/** A stack of its own, on free ports and over an empty folder. */
export interface Running {
  readonly stack: Stack;
  readonly api: ApiClient;
  readonly blobs: ReturnType<typeof blobService>;
  /** Where the servers keep their state. */
  readonly stateFolder: string;
  readonly upSeconds: number;
}

/** Starts a stack for a measurement, and removes it afterwards. */
export async function withStack<T>(measure: (running: Running) => Promise<T>): Promise<T> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'landfall-bench-'));
  const starting = performance.now();
  const stack = await startStack({ stateFolder, ports: await freePorts() });
  try {
    const upSeconds = secondsSince(starting);
    const api = createApiClient(stack.api);
    return await measure({ stack, api, blobs: blobService(stack.settings), stateFolder, upSeconds });
  } finally {
    await stack.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

/** Lands the reference data and waits until it is published. */
export async function landReference({ api, blobs }: Pick<Running, 'api' | 'blobs'>): Promise<void> {
  const landed = await landFolder(blobs, REFERENCE, 'reference');
  const datasets = [...landed.keys()].map((path) => basename(path, '.csv'));
  await followFiles(api, datasets, landed, SILENT);
}

export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
